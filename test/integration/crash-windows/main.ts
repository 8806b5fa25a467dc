// The process in which the crash windows are looked for: prints one line of JSON a scenario, of those whose names are
// given or of all. To be started with
// `--preload` of quick-keys.ts and crash-points.ts: modules see the functions that were there when they were linked.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controllerScenarios, testCluster } from "./controller-scenarios.ts";
import { killAtEveryChange } from "./scenario.ts";
import { workerScenario } from "./worker-scenario.ts";

const dir = await mkdtemp(join(tmpdir(), "k0s-cluster-"));
try {
  await using cluster = await testCluster(dir);
  const asked = new Set(process.argv.slice(2));
  for (const scenario of [...controllerScenarios(cluster), await workerScenario()]) {
    if (asked.size > 0 && !asked.has(scenario.name)) continue;
    console.log(JSON.stringify(await killAtEveryChange(scenario)));
  }
} finally {
  await rm(dir, { recursive: true, force: true });
}
