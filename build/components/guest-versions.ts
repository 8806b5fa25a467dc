// A component that links a program of another module keeps the versions that its own upstream was tested with: Go takes the
// highest that anybody asks for, so what the guest asks for has to be replaced where it is another one.

import { lt } from "semver";
import { z } from "zod";
import { UserError } from "../../src/std/errors.ts";
import type { Target } from "../platform.ts";
import { runCommand } from "../run-command.ts";
import { goEnvironment } from "./go-build.ts";
import { liftedImport } from "./lift-mains.ts";
import type { Component } from "./read-catalog.ts";
import { upstreamDir } from "./upstream-dir.ts";

/** A folder has no version. */
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
    .filter(({ Path, Version }) => (ours.get(Path) ?? `${Path} ${Version}`) !== `${Path} ${Version}`)
    .map(({ Path, Version }) => `${Path} => ${Path} ${Version}`);
}

/**
 * What the guest asks for in a later version than it would get: all that upstream does not pin has to be as late as that.
 * Folders that replace a module are what somebody has put there on purpose.
 */
export function earlierThanAsked(
  component: ModuleFile,
  upstream: ModuleFile,
  guest: ModuleFile,
): readonly string[] {
  const ours = effective(component);
  const { Require, Replace } = moduleFile.parse(upstream);
  const replacedThere = new Set(Replace.map(({ Old }) => Old.Path));
  const pinnedThere = new Set(Require.map(({ Path }) => Path).filter((path) => !replacedThere.has(path)));
  return moduleFile
    .parse(guest)
    .Require.filter(({ Path }) => !pinnedThere.has(Path))
    .filter(({ Path, Version }) => {
      const got = ours.get(Path)?.split(" ")[1];
      return got !== undefined && lt(got, Version);
    })
    .map(({ Path, Version }) => `${Path} ${Version}`);
}

/** Path → path and version of what is linked. */
function effective(file: ModuleFile): ReadonlyMap<string, string> {
  const { Require, Replace } = moduleFile.parse(file);
  return new Map([
    ...Require.map(({ Path, Version }) => [Path, `${Path} ${Version}`] as const),
    ...Replace.map(({ Old, New }) => [Old.Path, `${New.Path} ${New.Version}`.trim()] as const),
  ]);
}

/** @throws UserError with the lines that are missing. */
export async function checkGuestVersions(
  component: Component,
  platform: Target,
  workDir: string,
  signal?: AbortSignal,
): Promise<void> {
  const guests = Object.keys(component.lift).filter((folder) => typeof component.lift[folder] === "object");
  if (guests.length === 0) return;
  const go = (cwd: string, ...args: readonly string[]): Promise<string> =>
    runCommand(["go", ...args], {
      cwd,
      env: goEnvironment(platform),
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
  const ours = await read(workDir);
  for (const lift of Object.values(component.lift)) {
    if (typeof lift === "string") continue;
    const later = earlierThanAsked(
      ours,
      upstream,
      await read(await upstreamDir(lift.module, workDir, signal)),
    );
    if (later.length > 0)
      throw new UserError(`${lift.module} asks for later versions than it would get: ${later.join(", ")}`, {
        code: "bad-component",
        hint: `Take a version of it that is content with what ${component.module} has.`,
      });
  }
  const others = otherVersions(ours, upstream, linked);
  if (others.length === 0) return;
  throw new UserError(
    `${component.name} would be linked with other versions than ${component.module} was tested with`,
    {
      code: "bad-component",
      hint: `Write into the replace of upstream/${component.name}/go.mod:\n${others.join("\n")}`,
    },
  );
}
