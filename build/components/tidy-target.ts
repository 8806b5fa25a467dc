// `bun build/build.ts tidy [-- NAME...]`: `go mod tidy` where the lifted main packages are present, too.

import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheRoot } from "../cache-root.ts";
import { hostPlatform } from "../platform.ts";
import { runCommand } from "../run-command.ts";
import type { BuildTarget } from "../targets.ts";
import { readInputs, workDir, writeInputs } from "./build-component.ts";
import { type Component, componentDir, loadCatalog, loadComponent } from "./read-catalog.ts";
import { failureHint, goEnvironment } from "./go-build.ts";
import { liftedModules, liftMains, writeGuestModules } from "./lift-mains.ts";

export const tidyTarget: BuildTarget = {
  async run({ args, signal, report }) {
    const catalog =
      args.length === 0 ? await loadCatalog() : await Promise.all(args.map((name) => loadComponent(name)));
    for (const component of catalog) {
      const step = report.step(`tidy ${component.name}`);
      try {
        await tidy(component, signal);
        step.done();
      } catch (err) {
        step.fail(err);
        throw err;
      }
    }
  },
};

async function tidy(component: Component, signal: AbortSignal): Promise<void> {
  const work = await workDir(cacheRoot(), component.name);
  const options = {
    what: `tidying upstream/${component.name}`,
    cwd: work,
    env: { ...goEnvironment(hostPlatform()), GOFLAGS: "-mod=mod" },
    hint: failureHint,
    signal,
  };
  try {
    await writeInputs(work, await readInputs(component));
    if (Object.keys(component.lift).length > 0) {
      await writeGuestModules(component, work);
      // The modules to lift from may be new versions, which go.sum does not know yet.
      await runCommand(["go", "mod", "download", ...liftedModules(component)], options);
      await liftMains(component, work, signal);
    }
    await runCommand(["go", "mod", "tidy"], options);
    for (const file of ["go.mod", "go.sum"])
      await copyFile(join(work, file), join(componentDir(component.name), file));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
