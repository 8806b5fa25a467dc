// What is in upstream/: every folder with a component.json, parsed once, typed ever after.
// The versions written there are the only ones: code that needs a version asks here (versions.ts).

import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { errorMessage, UserError } from "../../src/std/errors.ts";
import { repoRoot } from "../cache-root.ts";
import { platformIds, windowsTarget } from "../platform.ts";

const name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "small letters, digits and single dashes");
const importPath = z
  .string()
  .regex(/^(\.|[\w.-]+(\/[\w.-]+)*)$/, "a Go import path, or . for the component's own main.go");

const executable = z.strictObject({
  /** File name of the result. */
  output: name,
  package: importPath,
  /** What it may be called by; more than one means a multi-call executable. Default: its output name. */
  names: z.array(name).min(1).optional(),
  /** Build tags besides those of the component. */
  tags: z.array(z.string()).default([]),
});

/** Without a leading v; fit for an image tag. */
const version = z.string().regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/);

/** A program of another module than the component's. */
const guest = z.strictObject({
  package: importPath,
  module: importPath,
  version,
  /** SPDX expression. */
  license: z.string().min(1),
});

export const componentSchema = z.strictObject({
  name,
  version,
  /** The upstream module; its pinned version is in go.mod. */
  module: importPath,
  /** SPDX expression. */
  license: z.string().min(1),
  /** What it is part of the k0s file for; build/windows/ compiles others for Windows, too. */
  targets: z.array(z.enum([...platformIds, windowsTarget.id])).min(1),
  cgo: z.boolean().default(false),
  /** Preprocessor definitions for C sources (cgo only). */
  cdefines: z.array(z.string()).default([]),
  /** Debian packages that the C part needs on the build host; `:target` is replaced by the architecture. */
  debianPackages: z.array(z.string()).default([]),
  tags: z.array(z.string()).default([]),
  /** Linker stamps (`-X variable=value`). */
  stamps: z.record(z.string(), z.string()).default({}),
  /** Upstream `package main`s to be linked in as lifted/<key> (lift-mains.ts). */
  lift: z.record(name, z.union([importPath, guest])).default({}),
  /** Go packages of upstream/shared that its entry point imports as shared/<name>. Absent where there are none. */
  shared: z.array(name).optional(),
  executables: z.array(executable).min(1),
});

export type Component = z.infer<typeof componentSchema>;
export type Executable = Component["executables"][number];
export type Guest = z.infer<typeof guest>;

/** What the component lifts of other modules, by the folder. */
export function guestsOf<G extends object>(component: {
  readonly lift?: Readonly<Record<string, string | G>>;
}): readonly (readonly [string, G])[] {
  return Object.entries(component.lift ?? {}).flatMap(([folder, lift]) =>
    typeof lift === "object" ? [[folder, lift] as const] : [],
  );
}

/** Names that an executable answers to. */
export function callNames(executable: Executable): readonly string[] {
  return executable.names ?? [executable.output];
}

export function componentDir(component: string, root = repoRoot): string {
  return join(root, "upstream", component);
}

/** Where the Go packages lie that entry points of several components import. */
export function sharedDir(root = repoRoot): string {
  return join(root, "upstream", "shared");
}

export function parseComponent(folder: string, text: string): Component {
  const where = `upstream/${folder}/component.json`;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (err) {
    throw new UserError(`${where} is not JSON: ${errorMessage(err)}`, { code: "bad-component", cause: err });
  }
  const parsed = componentSchema.safeParse(json);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join(".") || "(top)"}: ${issue.message}`);
    throw new UserError(`${where} is wrong: ${wrong.join("; ")}`, { code: "bad-component" });
  }
  if (parsed.data.name !== folder) {
    throw new UserError(`${where} calls itself ${parsed.data.name}, its folder is ${folder}`, {
      code: "bad-component",
    });
  }
  return parsed.data;
}

/** Every component, sorted by name. */
export async function loadCatalog(root = repoRoot): Promise<readonly Component[]> {
  const folders = await readdir(join(root, "upstream"), { withFileTypes: true });
  const shared = basename(sharedDir(root));
  const names = folders
    .filter((entry) => entry.isDirectory() && entry.name !== shared)
    .map((entry) => entry.name);
  return Promise.all(
    names
      .sort()
      .map(async (folder) =>
        parseComponent(folder, await readFile(join(componentDir(folder, root), "component.json"), "utf8")),
      ),
  );
}

export async function loadComponent(component: string, root = repoRoot): Promise<Component> {
  const catalog = await loadCatalog(root);
  const found = catalog.find((entry) => entry.name === component);
  if (found !== undefined) return found;
  throw new UserError(`no component is called ${component}`, {
    code: "unknown-component",
    hint: `There are: ${catalog.map((entry) => entry.name).join(", ")}.`,
  });
}
