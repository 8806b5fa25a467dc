// A component that links a program of another module keeps the versions that its own upstream was tested with: Go takes the
// highest that anybody asks for, so what the guest asks for has to be replaced where it is another one.

import { lt } from "semver";
import { z } from "zod";
import { UserError } from "../../src/std/errors.ts";
import type { Target } from "../platform.ts";
import { runCommand } from "../run-command.ts";
import { goEnvironment } from "./go-build.ts";
import { liftedImport } from "./lift-mains.ts";
import { type Component, guestsOf } from "./read-catalog.ts";
import { upstreamDir } from "./upstream-dir.ts";

/** A folder has no version. */
const pinned = z.object({ Path: z.string(), Version: z.string().default("") });
/** What `go mod edit -json` prints. */
export const moduleFileSchema = z.object({
  Require: z.array(pinned).default([]),
  Replace: z
    .array(z.object({ Old: z.object({ Path: z.string() }), New: pinned }))
    .nullish()
    .transform((replaced) => replaced ?? []),
});
export type ModuleFile = z.output<typeof moduleFileSchema>;
type Pinned = z.output<typeof pinned>;

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
  return pinsOf(upstream)
    .filter(({ Path }) => linked.has(Path))
    .filter((pin) => !Bun.deepEquals(ours.get(pin.Path) ?? pin, pin))
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
  const pinnedThere = new Set(pinsOf(upstream).map(({ Path }) => Path));
  return guest.Require.filter(({ Path, Version }) => {
    const got = ours.get(Path)?.Version ?? "";
    return !pinnedThere.has(Path) && got !== "" && lt(got, Version);
  }).map(({ Path, Version }) => `${Path} ${Version}`);
}

/** What it asks for by version: not what it has in folders of its own. */
function pinsOf({ Require, Replace }: ModuleFile): readonly Pinned[] {
  const replaced = new Set(Replace.map(({ Old }) => Old.Path));
  return Require.filter(({ Path }) => !replaced.has(Path));
}

/** Path → what is linked for it. */
function effective({ Require, Replace }: ModuleFile): ReadonlyMap<string, Pinned> {
  return new Map([
    ...Require.map((module) => [module.Path, module] as const),
    ...Replace.map(({ Old, New }) => [Old.Path, New] as const),
  ]);
}

/** @throws UserError with the lines that are missing. */
export async function checkGuestVersions(
  component: Component,
  platform: Target,
  workDir: string,
  signal?: AbortSignal,
): Promise<void> {
  const guests = guestsOf(component);
  if (guests.length === 0) return;
  const go = (cwd: string, ...args: readonly string[]): Promise<string> =>
    runCommand(["go", ...args], {
      cwd,
      env: goEnvironment(platform),
      what: `reading the modules of ${component.name}`,
      ...(signal === undefined ? {} : { signal }),
    });
  const read = async (cwd: string): Promise<ModuleFile> =>
    moduleFileSchema.parse(JSON.parse(await go(cwd, "mod", "edit", "-json")));
  const list = async (format: string, ...what: readonly string[]): Promise<readonly string[]> => {
    const flags = ["-mod=readonly", "-tags", component.tags.join(","), "-f", format];
    return (await go(workDir, "list", ...flags, ...what)).split("\n").filter((line) => line !== "");
  };
  const ofGuests = new Set(guests.map(([folder]) => liftedImport(component, folder)));
  const imports = (await list("{{range .Imports}}{{println .}}{{end}}", ".")).filter(
    (path) => !ofGuests.has(path),
  );
  const linked = new Set(await list("{{with .Module}}{{.Path}}{{end}}", "-deps", ...imports));
  const upstream = await read(await upstreamDir(component.module, workDir, signal));
  const ours = await read(workDir);
  for (const [, { module }] of guests) {
    const later = earlierThanAsked(ours, upstream, await read(await upstreamDir(module, workDir, signal)));
    if (later.length > 0)
      throw new UserError(`${module} asks for later versions than it would get: ${later.join(", ")}`, {
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
