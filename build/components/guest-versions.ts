// A component that links a program of another module keeps the versions that its own upstream was tested with: Go takes the
// highest that anybody asks for, so what the guest asks for has to be replaced where it is another one.

import { z } from "zod";
import { UserError } from "../../src/std/errors.ts";
import { hostPlatform } from "../platform.ts";
import { runCommand } from "../run-command.ts";
import { goEnvironment } from "./go-build.ts";
import { liftedImport } from "./lift-mains.ts";
import type { Component } from "./read-catalog.ts";
import { upstreamDir } from "./upstream-dir.ts";

const pinned = z.object({ Path: z.string(), Version: z.string().default("") });
/** What `go mod edit -json` prints. */
const moduleFile = z.object({
  Require: z.array(pinned).default([]),
  Replace: z
    .array(z.object({ Old: z.object({ Path: z.string() }), New: pinned }))
    .nullish()
    .transform((replaced) => replaced ?? []),
});
export type ModuleFile = z.input<typeof moduleFile>;

/**
 * Lines for the `replace` of the component's go.mod, one for each module that would have another version than upstream's;
 * `linked` are those that the component links by itself.
 */
export function otherVersions(
  component: ModuleFile,
  upstream: ModuleFile,
  linked: ReadonlySet<string>,
): readonly string[] {
  const ours = effective(component);
  const replacedThere = new Set(moduleFile.parse(upstream).Replace.map(({ Old }) => Old.Path));
  return moduleFile
    .parse(upstream)
    .Require.filter(({ Path }) => linked.has(Path) && !replacedThere.has(Path))
    .filter(({ Path, Version }) => (ours.get(Path) ?? Version) !== Version)
    .map(({ Path, Version }) => `${Path} => ${Path} ${Version}`);
}

function effective(file: ModuleFile): ReadonlyMap<string, string> {
  const { Require, Replace } = moduleFile.parse(file);
  return new Map([
    ...Require.map(({ Path, Version }) => [Path, Version] as const),
    ...Replace.map(({ Old, New }) => [Old.Path, New.Version] as const),
  ]);
}

/** @throws UserError with the lines that are missing. */
export async function checkGuestVersions(
  component: Component,
  workDir: string,
  signal?: AbortSignal,
): Promise<void> {
  const guests = Object.keys(component.lift).filter((folder) => typeof component.lift[folder] === "object");
  if (guests.length === 0) return;
  const go = (cwd: string, ...args: readonly string[]): Promise<string> =>
    runCommand(["go", ...args], {
      cwd,
      env: goEnvironment(hostPlatform()),
      what: `reading the modules of ${component.name}`,
      ...(signal === undefined ? {} : { signal }),
    });
  const read = async (cwd: string): Promise<ModuleFile> =>
    moduleFile.parse(JSON.parse(await go(cwd, "mod", "edit", "-json")));
  const list = async (format: string, ...what: readonly string[]): Promise<readonly string[]> => {
    const flags = ["-mod=readonly", "-tags", component.tags.join(","), "-f", format];
    return (await go(workDir, "list", ...flags, ...what)).split("\n").filter((line) => line !== "");
  };
  const ofGuests = new Set(guests.map((folder) => liftedImport(component, folder)));
  const imports = (await list("{{range .Imports}}{{println .}}{{end}}", ".")).filter(
    (path) => !ofGuests.has(path),
  );
  const linked = new Set(await list("{{with .Module}}{{.Path}}{{end}}", "-deps", ...imports));
  const upstream = await read(await upstreamDir(component.module, workDir, signal));
  const others = otherVersions(await read(workDir), upstream, linked);
  if (others.length === 0) return;
  throw new UserError(
    `${component.name} would be linked with other versions than ${component.module} was tested with`,
    {
      code: "bad-component",
      hint: `Write into the replace of upstream/${component.name}/go.mod:\n${others.join("\n")}`,
    },
  );
}
