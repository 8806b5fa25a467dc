// Repairs what upstream has not repaired yet: a component's `*.patch` files are applied to a copy of its module, which
// the build then takes instead. A patch that does not fit any more fails the build.

import { cp } from "node:fs/promises";
import { join } from "node:path";
import { hostPlatform } from "../platform.ts";
import { runCommand } from "../run-command.ts";
import type { Component } from "./read-catalog.ts";
import { goEnvironment } from "./go-build.ts";
import { upstreamDir } from "./upstream-dir.ts";

/** Where the copy lies in the folder of the build; the executable's build information names it. */
export const patchedDir = "patched";

/** `patches` are files in the folder of the build, whose go.mod is changed. */
export async function applyPatches(
  component: Component,
  workDir: string,
  patches: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  if (patches.length === 0) return;
  const copy = join(workDir, patchedDir);
  await cp(await upstreamDir(component.module, workDir, signal), copy, { recursive: true });
  const run = (what: string, cwd: string, ...command: readonly [string, ...string[]]): Promise<string> =>
    runCommand(command, {
      what,
      cwd,
      // No repository around the cache may have a say.
      env: { ...goEnvironment(hostPlatform()), GIT_CEILING_DIRECTORIES: workDir },
      hint: () =>
        "See whether upstream has mended the fault, then drop the patch or write it anew for these lines.",
      ...(signal === undefined ? {} : { signal }),
    });
  // The module cache is read-only, and so is its copy.
  await run("preparing the sources", workDir, "chmod", "-R", "u+w", copy);
  for (const patch of patches)
    await run(`applying ${patch} to ${component.module}`, copy, "git", "apply", join(workDir, patch));
  const replacement = `-replace=${component.module}=./${patchedDir}`;
  await run("naming the patched sources", workDir, "go", "mod", "edit", replacement);
}
