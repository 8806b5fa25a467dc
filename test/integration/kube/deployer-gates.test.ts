import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StackDeployer } from "../../../src/deployer/stack-deployer.ts";
import { type KubeObject, refOf } from "../../../src/kube/types.ts";
import { pollUntil } from "../../../src/std/wait.ts";
import { startTestApiServer, type TestApiServer } from "./api-server.ts";
import { memoryLog } from "./memory-log.ts";
import { startQuickDeployer } from "./quick-deployer.ts";

let api: TestApiServer;
let dir: string;
let deployer: StackDeployer | undefined;

beforeAll(async () => {
  api = await startTestApiServer();
  dir = await mkdtemp(join(tmpdir(), "k0s-gates-"));
}, 400_000);

afterAll(async () => {
  await deployer?.stop();
  await api?.stop();
  await rm(dir, { recursive: true, force: true });
});

async function start(driftMs: number, under: string): Promise<void> {
  deployer = await startQuickDeployer({
    client: async () => api.client,
    systemStacks: new Set(),
    manifestsDir: join(dir, "manifests"),
    inventoryDir: join(dir, "deployed"),
    under,
    log: memoryLog(),
    driftMs,
  });
}

test("a field that the server has dropped comes once its gate is on", async () => {
  const container = { name: "c", image: "i", lifecycle: { stopSignal: "SIGUSR1" } };
  const spec = { os: { name: "linux" }, containers: [container] };
  const labels = { a: "b" };
  const deployment: KubeObject = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "gated", namespace: "default" },
    spec: { replicas: 0, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
  const says = async (text: string): Promise<boolean> =>
    (JSON.stringify(await api.client.find(refOf(deployment))) ?? "").includes(text);
  const soon = (text: string) =>
    pollUntil(() => says(text), { what: text, intervalMs: 20, timeoutMs: 60_000 });
  await mkdir(join(dir, "manifests", "gated"), { recursive: true });
  await writeFile(join(dir, "manifests", "gated", "a.yaml"), JSON.stringify(deployment));
  await start(3_600_000, "without the gate");
  await soon('"linux"');
  await deployer?.stop();
  const field = '"stopSignal":"SIGUSR1"';
  expect(await says(field)).toBe(false);
  await api.kill();
  await api.restart(["--feature-gates=ContainerStopSignals=true"]);
  await start(500, "with the gate");
  await soon(field);
}, 300_000);
