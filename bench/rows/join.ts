// Nodes that join, the memory of a worker, writes to the API with one and with three members, and what clients see when a
// member dies.

import { sleep } from "../../src/std/wait.ts";
import type { JoinBench } from "../cluster.ts";
import type { BenchNode } from "../node.ts";
import type { Measurement, Row } from "../row.ts";

const tokenPath = "/root/token";
const writes = 300;

async function giveToken(from: BenchNode, to: BenchNode, role: string): Promise<void> {
  const token = await from.machine.ok(["k0s", "token", "create", "--role", role]);
  await to.machine.writeFile(tokenPath, token, 0o600);
}

/** Starts k0s on a machine, with a token of another one; returns when that was. */
export async function join(from: BenchNode, to: BenchNode, role: string): Promise<number> {
  await giveToken(from, to, role);
  return await to.startK0s("--token-file", tokenPath);
}

export const workerJoin: Measurement<JoinBench> = {
  rows: [
    {
      id: "worker-join",
      what: "worker joins → node Ready",
      unit: "s",
      budget: 5,
      command: "k0s worker --token-file token",
    },
  ],
  always: true,
  measure: async ({ controller, worker }) => {
    const startedAt = await join(controller, worker, "worker");
    const { node = Number.NaN } = await controller.ask("follow-start", String(startedAt), "node");
    return new Map([["worker-join", node / 1000]]);
  },
};

// As on other nodes: Go's garbage has been collected and given back by then.
const settleMs = 180_000;

const memoryRow = (name: string, what: string, budget?: number): Row => ({
  id: `worker-${name}`,
  what: `idle, worker${what}`,
  unit: "MiB",
  group: "idle-memory",
  command: "k0s worker --token-file token",
  ...(budget === undefined ? {} : { budget }),
});

export const workerMemory: Measurement<JoinBench> = {
  rows: [
    memoryRow("memory", " alone (kubelet, containerd, k0s): memory (PSS)", 200),
    memoryRow("anonymous", " alone: anonymous memory"),
    memoryRow("supervisor", ": memory (PSS) of k0s itself", 60),
    memoryRow("all-memory", " with kube-proxy, the network's and all other pods: memory (PSS)"),
    memoryRow("all-anonymous", " with all of that: anonymous memory"),
  ],
  measure: async ({ worker }, signal) => {
    await worker.rest(settleMs, signal);
    const found = await worker.ask("idle", "5");
    if (process.env["BENCH_DETAILS"] !== undefined) console.error(found);
    const alone = (figure: string): number =>
      ["k0s", "kubelet", "containerd"].reduce(
        (sum, name) => sum + (found[`${figure} ${name}`] ?? Number.NaN),
        0,
      );
    return new Map([
      ["worker-memory", alone("pss")],
      ["worker-anonymous", alone("anonymous")],
      ["worker-supervisor", found["pss k0s"] ?? Number.NaN],
      ["worker-all-memory", found["pss"] ?? Number.NaN],
      ["worker-all-anonymous", found["anonymous"] ?? Number.NaN],
    ]);
  },
};

function writeRows(prefix: string, what: string): readonly Row[] {
  return (["p50", "p99"] as const).map((quantile) => ({
    id: `${prefix}-${quantile}`,
    what: `write to the API, ${what}, ${quantile}`,
    unit: "ms",
    command: `${writes} ConfigMaps, one after the other`,
  }));
}

function writeLatency(prefix: string, what: string): Measurement<JoinBench> {
  return {
    rows: writeRows(prefix, what),
    measure: async ({ controller }) => {
      const found = await controller.ask("write-latency", String(writes));
      return new Map(["p50", "p99"].map((name) => [`${prefix}-${name}`, found[name] ?? Number.NaN]));
    },
  };
}

export const writesWithOne = writeLatency("write-1", "one etcd member");
export const writesWithThree = writeLatency("write-3", "three etcd members");

export const controllerJoin: Measurement<JoinBench> = {
  rows: [
    {
      id: "controller-join",
      what: "controller joins → its API ready (mean of the second and third)",
      unit: "s",
      budget: 7,
      command: "k0s controller --token-file token",
    },
  ],
  always: true,
  measure: async ({ controller, others }) => {
    const took: number[] = [];
    for (const other of others) {
      const startedAt = await join(controller, other, "controller");
      const { api = Number.NaN } = await other.ask("follow-start", String(startedAt), "api");
      took.push(api / 1000);
    }
    if (process.env["BENCH_DETAILS"] !== undefined) console.error({ took }, await others[1]?.log());
    return new Map([["controller-join", took.reduce((sum, value) => sum + value, 0) / took.length]]);
  },
};

const adminConfig = "/root/admin.conf";

/** The admin's kubeconfig, on the worker, for the API as its balancer offers it. */
async function useBalancer({ controller, worker }: JoinBench): Promise<void> {
  const text = await controller.machine.ok(["k0s", "kubeconfig", "admin"]);
  await worker.machine.writeFile(
    adminConfig,
    text.replaceAll(/server: .*/g, "server: https://127.0.0.1:7443"),
    0o600,
  );
}

async function leaderFirst(controllers: readonly BenchNode[]): Promise<readonly BenchNode[]> {
  const roles = await Promise.all(
    controllers.map(
      async ({ machine }) => /^Role +(\w+)/m.exec(await machine.ok(["k0s", "etcd", "status"]))?.[1],
    ),
  );
  const isLeader = (node: BenchNode): boolean => roles[controllers.indexOf(node)] === "leader";
  return controllers.toSorted((one, two) => Number(isLeader(two)) - Number(isLeader(one)));
}

const writing = "a ConfigMap every 50 ms";

export const failOver: Measurement<JoinBench> = {
  rows: [
    {
      id: "fail-over",
      what: "power of etcd's leader is cut: longest pause of writes through another controller",
      unit: "s",
      budget: 1.5,
      command: writing,
    },
    {
      id: "fail-over-worker",
      what: "→ through a worker's balancer",
      unit: "s",
      budget: 1.5,
      command: writing,
    },
  ],
  measure: async (bench, signal) => {
    await useBalancer(bench);
    const [leader, survivor] = await leaderFirst([bench.controller, ...bench.others]);
    if (leader === undefined || survivor === undefined) throw new Error("there is no other controller");
    const pauses = Promise.all([
      survivor.ask("longest-pause", "30"),
      bench.worker.ask("longest-pause", "30", adminConfig),
    ]);
    await Promise.race([sleep(5_000, signal), pauses]);
    await leader.machine.destroy();
    const [direct, balanced] = await pauses;
    return new Map([
      ["fail-over", (direct["ms"] ?? Number.NaN) / 1000],
      ["fail-over-worker", (balanced["ms"] ?? Number.NaN) / 1000],
    ]);
  },
};
