// A build when nothing has changed. One from nothing is timed by hand (ADR 104).

import { join } from "node:path";
import { runOrThrow } from "../../src/os/exec.ts";
import type { Scenario } from "../row.ts";

const timeoutMs = 600_000;

export const buildTime: Scenario = {
  name: "build",
  minutes: 1,
  noPairs: true,
  rows: [{ id: "build-warm", what: "build, nothing changed", unit: "s", command: "make build" }],
  run: async ({ report, signal }) => {
    const options = { cwd: join(import.meta.dir, "../.."), signal, timeoutMs };
    // The one that takes over what has changed since, if anything.
    await runOrThrow("make", ["build"], options);
    const started = performance.now();
    await runOrThrow("make", ["build"], options);
    report("build-warm", (performance.now() - started) / 1000);
  },
};
