// Links several upstream `package main`s into one executable. Go cannot import a main package, so its files are
// copied from the verified module cache with two words changed: `package main` and `func main()`.

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { UserError } from "../../src/std/errors.ts";
import { type Component, type Guest, guestsOf } from "./read-catalog.ts";
import { upstreamDir } from "./upstream-dir.ts";

/** A Go package name for a folder name: `host-local` → `hostlocal`. */
export function packageName(folder: string): string {
  return folder.replaceAll(/[^a-z0-9]/g, "");
}

/** A program that has a `Main` of its own keeps it, and its `main` is then called by nobody. */
export function liftSource(source: string, folder: string): string {
  const lifted = source.replace(/^package main\b/m, `package ${packageName(folder)}`);
  return /^func Main\(/m.test(lifted) ? lifted : lifted.replace(/^func main\(\)/m, "func Main()");
}

/**
 * Where the entry point imports a lifted program from. One of another module is in a module of its own, below that of
 * upstream: else Go would not let it import what is internal there.
 */
export function liftedImport(component: Component, folder: string): string {
  const lift = component.lift[folder];
  return typeof lift === "object" ? guestModule(lift) : `k0s/components/${component.name}/lifted/${folder}`;
}

const guestModule = ({ module }: Guest): string => `${module}/lifted`;

/** The upstream modules that the component lifts programs from. */
export function liftedModules(component: Component): readonly string[] {
  return [...new Set(Object.values(component.lift).map((lift) => sourceOf(component, lift).module))];
}

function sourceOf(component: Component, lift: string | Guest): Pick<Guest, "module" | "package"> {
  return typeof lift === "object" ? lift : { module: component.module, package: lift };
}

/** Writes `<workDir>/lifted/<folder>/*.go` for every main package that the component lifts. */
export async function liftMains(component: Component, workDir: string, signal?: AbortSignal): Promise<void> {
  await writeGuestModules(component, workDir);
  for (const module of liftedModules(component)) {
    const moduleDir = await upstreamDir(module, workDir, signal);
    for (const [folder, lift] of Object.entries(component.lift)) {
      const source = sourceOf(component, lift);
      if (source.module === module)
        await liftMain(component, source, moduleDir, join(workDir, "lifted", folder));
    }
  }
}

async function liftMain(
  component: Component,
  { module, package: importPath }: Pick<Guest, "module" | "package">,
  moduleDir: string,
  to: string,
): Promise<void> {
  if (!importPath.startsWith(`${module}/`)) {
    throw new UserError(`component ${component.name} lifts ${importPath}, which is not of ${module}`, {
      code: "bad-component",
    });
  }
  const from = join(moduleDir, importPath.slice(module.length + 1));
  await mkdir(to, { recursive: true });
  const files = (await readdir(from)).filter((file) => file.endsWith(".go") && !file.endsWith("_test.go"));
  for (const file of files) {
    await writeFile(join(to, file), liftSource(await readFile(join(from, file), "utf8"), basename(to)));
  }
}

/** Before Go is asked anything: the component's go.mod names them, as folders that replace them. */
export async function writeGuestModules(component: Component, workDir: string): Promise<void> {
  for (const [folder, guest] of guestsOf(component)) {
    const language = /^go .*$/m.exec(await readFile(join(workDir, "go.mod"), "utf8"))?.[0] ?? "";
    const dir = join(workDir, "lifted", folder);
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, "go.mod"), `module ${guestModule(guest)}\n\n${language}\n`);
  }
}
