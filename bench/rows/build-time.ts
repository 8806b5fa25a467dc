// A build when nothing has changed. One from nothing takes half an hour and is timed where it is made: by CI.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Scenario } from "../row.ts";

export const buildTime: Scenario = {
  name: "build",
  rows: [{ id: "build-warm", what: "build, nothing changed", unit: "s", command: "make build" }],
  run: async () => {
    const started = performance.now();
    const { status, stderr } = spawnSync("make", ["build"], {
      cwd: join(import.meta.dir, "../.."),
      encoding: "utf8",
      timeout: 3_600_000,
    });
    if (status !== 0) throw new Error(`make build failed: ${stderr}`);
    return new Map([["build-warm", (performance.now() - started) / 1000]]);
  },
};
