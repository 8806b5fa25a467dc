// Links several upstream `package main`s into one executable. Go cannot import a main package, so its files are
// copied from the verified module cache with two words changed: `package main` and `func main()`.

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../src/std/errors.ts";
import type { Component } from "./read-catalog.ts";
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

/** Writes `<workDir>/lifted/<folder>/*.go` for every main package that the component lifts. */
export async function liftMains(component: Component, workDir: string, signal?: AbortSignal): Promise<void> {
  const lifts = Object.entries(component.lift);
  if (lifts.length === 0) return;
  const moduleDir = await upstreamDir(component, workDir, signal);
  for (const [folder, importPath] of lifts) {
    if (!importPath.startsWith(`${component.module}/`)) {
      throw new UserError(
        `component ${component.name} lifts ${importPath}, which is not of ${component.module}`,
        {
          code: "bad-component",
        },
      );
    }
    const from = join(moduleDir, importPath.slice(component.module.length + 1));
    const to = join(workDir, "lifted", folder);
    await mkdir(to, { recursive: true });
    const files = (await readdir(from)).filter((file) => file.endsWith(".go") && !file.endsWith("_test.go"));
    for (const file of files) {
      await writeFile(join(to, file), liftSource(await readFile(join(from, file), "utf8"), folder));
    }
  }
}
