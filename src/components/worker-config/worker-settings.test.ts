import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configDefaultsFor } from "../../config/cluster-config.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { ConfigMap } from "../../kube/objects/config-map.ts";
import { nodePaths } from "../../product/paths.ts";
import { silentProgress } from "../../std/progress.ts";
import { pollUntil, untilAborted } from "../../std/wait.ts";
import { silentLog } from "../../supervisor/testdata/recording-log.ts";
import { createWaiting } from "../../supervisor/waiting.ts";
import { followSettings } from "./worker-settings.ts";
import { workerConfigData, workerConfigMapName } from "./manifest.ts";
import { settingsHolder } from "./settings-holder.ts";

const never = new AbortController().signal;
const k0sVersion = "v1.37.2+k0s.0";
const config = configDefaultsFor({ single: false, dataDir: "/var/lib/k0s", publicAddress: "10.0.0.1" });

let dir = "";
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "k0s-settings-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function published(apiServer: string): ConfigMap {
  const input = { config, apiServers: [apiServer], konnectivity: true, autopilot: false };
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: workerConfigMapName("default", k0sVersion),
      namespace: "kube-system",
      resourceVersion: apiServer,
    },
    data: workerConfigData(input, "default") ?? {},
  };
}

test("new settings are adopted, and what other parts of the node wait for is not over by that", async () => {
  const client = {
    server: "https://10.0.0.1:6443",
    get: async () => published("10.0.0.1:6443"),
    list: async () => ({ items: [published("10.0.0.2:6443")], resourceVersion: "2" }),
    watch: async function* (_: unknown, options: { signal: AbortSignal }) {
      yield { type: "BOOKMARK", resourceVersion: "2" };
      await untilAborted(options.signal);
    },
  } as unknown as KubeClient;
  const settings = settingsHolder();
  const waiting = createWaiting();
  const component = followSettings({
    paths: nodePaths({ dataDir: dir }),
    profile: "default",
    k0sVersion,
    settings,
    client: async () => client,
    beforeAdopting: async () => false,
    onRerouted: async () => undefined,
    waiting,
    log: silentLog,
    progress: silentProgress,
    dependsOn: [],
  });
  await component.start(never);
  expect(settings.current().apiServerAddresses).toEqual(["10.0.0.1:6443"]);
  waiting.because({ message: "Port 10250, which kubelet needs, is in use." });
  await pollUntil(() => settings.current().apiServerAddresses.includes("10.0.0.2:6443"), {
    what: "the new settings",
    intervalMs: 5,
    timeoutMs: 10_000,
  });
  expect(waiting.reason?.message).toBe("Port 10250, which kubelet needs, is in use.");
  await component.stop();
});
