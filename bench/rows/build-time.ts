// A build when nothing has changed. One from nothing is timed by hand (ADR 104).

import { join } from "node:path";
import { cleanEnvironment, runOrThrow } from "../../src/os/exec.ts";
import type { Scenario } from "../row.ts";

const timeoutMs = 600_000;

export const buildTime: Scenario = {
  name: "build",
  minutes: 1,
  noPairs: true,
  rows: [{ id: "build-warm", what: "build, nothing changed", unit: "s", command: "make build" }],
  run: async ({ report, signal }) => {
    // What has been measured before it, and is measured after, stays.
    const env = { ...cleanEnvironment(), K0S_BUILD_BEST: "1" };
    const options = { cwd: join(import.meta.dir, "../.."), env, signal, timeoutMs };
    // The one that takes over what has changed since, if anything.
    await runOrThrow("make", ["build"], options);
    const started = performance.now();
    await runOrThrow("make", ["build"], options);
    report("build-warm", (performance.now() - started) / 1000);
  },
};
