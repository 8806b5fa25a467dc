// 200 stacks of five objects and 1,000 nodes, on a real API server: how much k0s asks. Counts, no times.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeIndex } from "../../../src/deployer/node-index.ts";
import { tunnelNodes } from "../../../src/components/konnectivity/tunnels/tables.ts";
import { prunableKinds, uniqueKinds } from "../../../src/deployer/observe-stacks.ts";
import { readStatusData, statusesOf } from "../../../src/deployer/status-object.ts";
import { createStackDeployer } from "../../../src/deployer/stack-deployer.ts";
import { type KubeClient, kubeClientOn } from "../../../src/kube/client.ts";
import { createLeaderElector } from "../../../src/kube/lease.ts";
import { ownConnections } from "../../../src/kube/own-connections.ts";
import { createTransport, type Transport, type TransportRequest } from "../../../src/kube/transport.ts";
import { lookPause } from "../../harness/look-pause.ts";
import { pollUntil } from "../../../src/std/wait.ts";
import { createSimulatedNodes, simulatedNodeName, simulatedStack } from "../../harness/simulated-nodes.ts";
import { startTestApiServer, type TestApiServer } from "./api-server.ts";
import { memoryLog } from "./memory-log.ts";
import { controllerRole } from "../../../src/roles/controller.ts";
import { systemStacksOf } from "../../../src/roles/folds/workloads.ts";

const stacks = 200;
const nodes = 1_000;
/** Of 500 objects, of which the stacks have 400 of one kind at most. */
const pages = 1;

let api: TestApiServer;
let dir: string;
let client: KubeClient;
const log = memoryLog();
const asked: TransportRequest[] = [];
const signal = new AbortController().signal;

beforeAll(async () => {
  api = await startTestApiServer();
  dir = await mkdtemp(join(tmpdir(), "k0s-growth-"));
  const credentials = { ca: api.pki.ca, ...(await api.pki.issue("admin", ["system:masters"])) };
  const transport = createTransport({ server: api.server, credentials: () => credentials });
  const note = (request: TransportRequest): TransportRequest => {
    asked.push(request);
    return request;
  };
  const counting: Transport = {
    server: api.server,
    send: (request) => transport.send(note(request)),
    sendJson: (request) => transport.sendJson(note(request)),
  };
  client = kubeClientOn(counting);
  await createSimulatedNodes(api.client, nodes);
}, 400_000);

afterAll(async () => {
  await api?.stop();
  await rm(dir, { recursive: true, force: true });
});

const soon = <T>(what: string, probe: () => T) =>
  pollUntil(probe, { what, intervalMs: lookPause(50), timeoutMs: 240_000 });

const isWatch = ({ path }: TransportRequest): boolean => path.includes("watch=true");
const isFirstPage = ({ path }: TransportRequest): boolean => !path.includes("continue=");
const isListOf =
  (plural: string) =>
  (request: TransportRequest): boolean =>
    (request.method ?? "GET") === "GET" &&
    !isWatch(request) &&
    new RegExp(`/${plural}\\?`).test(request.path);

test("one list a kind for all stacks, however many there are, and the leadership is kept", async () => {
  const manifestsDir = join(dir, "manifests");
  for (let index = 0; index < stacks; index++) {
    await mkdir(join(manifestsDir, `sim-${index}`), { recursive: true });
    await writeFile(join(manifestsDir, `sim-${index}`, "stack.yaml"), simulatedStack(index));
  }
  const credentials = { ca: api.pki.ca, ...(await api.pki.issue("admin", ["system:masters"])) };
  const { server } = api;
  const leaseClient = kubeClientOn(
    createTransport({ server, credentials: () => credentials, connect: ownConnections }),
  );
  const holder = { identity: "one" };
  const leader = createLeaderElector({ client: async () => leaseClient, name: "growth", holder, log });
  const led: boolean[] = [];
  leader.onChange((leading) => led.push(leading));
  const ended = new AbortController();
  const leading = leader.run(ended.signal);
  const deployer = createStackDeployer({
    client: async () => client,
    systemStacks: systemStacksOf(controllerRole),
    manifestsDir,
    inventoryDir: join(dir, "deployed"),
    under: "",
    machine: "m",
    leader,
    log,
    // Rounds without a pause that matters: what they cost is asked, not when they come.
    timing: {
      replacedMs: 100,
      writtenMs: 100,
      pollMs: 10_000,
      driftMs: 500,
      grace: { ordinaryMs: 500, preciousMs: 1_000 },
    },
  });
  await deployer.init?.(signal);
  await deployer.start(signal);
  try {
    const policies = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" };
    const started = performance.now();
    await soon("every object", async () => {
      const { items } = await api.client.list(policies, { metadataOnly: true });
      return items.length === stacks;
    });
    const appliedMs = performance.now() - started;
    // What the first pass has to say of the stacks is a part of it.
    await soon("their status", async () => {
      const statuses = statusesOf((await readStatusData(api.client, signal)) ?? {});
      return statuses.size === stacks && [...statuses.values()].every(({ phase }) => phase === "Applied");
    });
    // A kind that no stack has is listed in sweeps alone, one in ten rounds.
    const from = asked.length;
    const since = (): readonly TransportRequest[] => asked.slice(from);
    const sweeps = (): number => since().filter(isListOf("priorityclasses")).length;
    await soon("two sweeps", () => sweeps() >= 2);

    const found = since();
    const lists = found.filter(
      (request) => (request.method ?? "GET") === "GET" && request.path.includes("limit="),
    );
    const rounds = found.filter(isListOf("networkpolicies")).filter(isFirstPage).length;
    const kinds = uniqueKinds(await prunableKinds(api.client, signal)).length;
    const writes = found.filter(({ method = "GET" }) => method !== "GET").length;
    console.log(
      `${stacks} stacks applied in ${(appliedMs / 1000).toFixed(1)} s; ${rounds} rounds, ${sweeps()} sweeps of ${kinds} kinds: ` +
        `${lists.length} lists, ${writes} writes, ${found.length} requests in all`,
    );
    const ownKinds = 4;
    expect(lists.length).toBeLessThanOrEqual((sweeps() + 1) * kinds * pages + rounds * ownKinds * pages);
    // Nothing was changed by others, so nothing is to be corrected.
    expect(writes).toBe(0);
    expect(led).toEqual([false, true]);
  } finally {
    await deployer.stop();
    ended.abort();
    await leading;
  }
}, 400_000);

test("the nodes are listed once, by metadata, and a report reads tables of them", async () => {
  const from = asked.length;
  const index = nodeIndex({ client: async () => client, log });
  const counts: number[] = [];
  for (let listener = 0; listener < 3; listener++) index.onLinuxCount((count) => counts.push(count));
  await index.start(signal);
  try {
    await soon("the counts", () => counts.length === 3);
    await soon("the watch", () => asked.slice(from).some(isWatch));
    expect(counts).toEqual([nodes, nodes, nodes]);
    const found = asked.slice(from);
    expect(found.map((request) => (isWatch(request) ? "watch" : "list"))).toEqual(["list", "list", "watch"]);
    expect(found.every(({ accept }) => accept?.includes("PartialObjectMetadata"))).toBe(true);
    await api.client.delete({ apiVersion: "v1", kind: "Node", name: simulatedNodeName(0) });
    await soon("the deletion", () => counts.at(-1) === nodes - 1);

    const tables = asked.length;
    const rows = await tunnelNodes(client, signal);
    expect(rows).toHaveLength(nodes - 1);
    expect(rows.every(({ ready, address }) => ready && address.startsWith("10.128."))).toBe(true);
    expect(asked.slice(tables).map(({ accept }) => accept?.includes("as=Table"))).toEqual([true, true]);
  } finally {
    await index.stop();
  }
}, 400_000);
