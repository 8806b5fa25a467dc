// Changes of the configuration of three controllers with --enable-dynamic-config, under a counting writer: one API server at a
// time starts again, whatever is killed, refused or joins meanwhile, and nothing is lost.

import { afterAll, beforeAll, expect } from "bun:test";
import { type ClusterSpec, patchClusterConfig, writeClusterConfig } from "../harness/cluster-config.ts";
import { startTestCluster, type TestCluster } from "../harness/cluster.ts";
import { type CountingWriter, startCountingWriter } from "../harness/counting-writer.ts";
import { holderOf } from "../harness/leader.ts";
import { scenariosOn } from "../harness/scenario.ts";
import type { TestMachine } from "../harness/test-machine.ts";

const args = ["--enable-dynamic-config"];
const patient = { timeoutMs: 400_000, intervalMs: 500 };

let cluster: TestCluster;
let writer: CountingWriter;
const scenario = scenariosOn(() => cluster.network);

beforeAll(async () => {
  cluster = await startTestCluster({ controllers: ["c1", "c2", "c3"].map((name) => ({ name, args })) });
  for (const machine of cluster.controllers) await watchListener(machine);
  writer = await startCountingWriter({
    machine: await cluster.network.machine({ name: "writer" }),
    kubeconfig: await cluster.controller.ok(["k0s", "kubeconfig", "admin"]),
    endpoints: cluster.controllers.map(({ address }) => `https://${address}:6443`),
  });
  await writer.progress(20);
}, 900_000);

afterAll(async () => {
  await writer[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
}, 120_000);

/** Notes by the clock of this host, which all machines share, whether something listens on port 6443. */
async function watchListener(machine: TestMachine): Promise<void> {
  const loop = [
    "while :; do if cat /proc/net/tcp /proc/net/tcp6 | grep -q ':192B 0*:0000 0A'; then s=up; else s=down; fi;",
    'read t rest </proc/uptime; echo "$t $s"; sleep 0.1; done >/root/listening',
  ].join(" ");
  await machine.start("listening", ["sh", "-c", loop]);
}

interface Away {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** When nothing listened, in seconds. */
async function away(machine: TestMachine): Promise<readonly Away[]> {
  const spans: Away[] = [];
  let from: number | undefined;
  let last = 0;
  for (const line of (await machine.readFile("/root/listening")).trim().split("\n")) {
    const [at, state] = line.split(" ");
    last = Number(at);
    if (state === "down") from ??= last;
    if (state !== "up" || from === undefined) continue;
    spans.push({ name: machine.name, from, to: last });
    from = undefined;
  }
  return from === undefined ? spans : [...spans, { name: machine.name, from, to: last }];
}

async function argsOf(machine: TestMachine, component: string): Promise<string> {
  const pid = await machine.exec(["cat", `/run/k0s/${component}.pid`]);
  return (await machine.exec(["cat", `/proc/${pid.stdout.trim()}/cmdline`])).stdout.replaceAll("\0", " ");
}

async function allHave(
  component: string,
  flag: string,
  machines: readonly TestMachine[] = cluster.controllers,
): Promise<void> {
  for (const machine of machines)
    await machine.waitFor(
      `${flag} of ${component}`,
      async () => (await argsOf(machine, component)).includes(flag),
      patient,
    );
}

async function allReady(): Promise<void> {
  for (const machine of cluster.controllers) await machine.apiReady();
}

const patchObject = (spec: ClusterSpec): Promise<string> =>
  patchClusterConfig(cluster.controllerNamed("c3"), spec);

/** What `k0s config apply` says on each controller, called on all at once. */
function applyEverywhere(): Promise<readonly { readonly code: number | null; readonly stderr: string }[]> {
  return Promise.all(
    cluster.controllers.map((machine) =>
      machine.exec(["k0s", "config", "apply"], { timeoutMs: patient.timeoutMs }),
    ),
  );
}

const apiFlags = async (flags: Readonly<Record<string, string>>): Promise<void> => {
  for (const machine of cluster.controllers) await writeClusterConfig(machine, { api: { extraArgs: flags } });
};

/** The controller that holds a lease. */
const leads = (lease: string): Promise<TestMachine | undefined> =>
  holderOf(cluster, lease, cluster.controllerNamed("c3"));

scenario(
  "a change of the object reaches all controllers",
  async () => {
    await writer.event("scheduler and controller manager");
    await patchObject({
      scheduler: { extraArgs: { "kube-api-qps": "61" } },
      controllerManager: { extraArgs: { "kube-api-qps": "62" } },
    });
    await allHave("kube-scheduler", "--kube-api-qps=61");
    await allHave("kube-controller-manager", "--kube-api-qps=62");
    await writer.progress(20);
  },
  600_000,
);

scenario(
  "API servers take a changed file, all asked at once, one after the other",
  async () => {
    await writer.event("kube-apiserver");
    await apiFlags({ "max-requests-inflight": "399" });
    const results = await applyEverywhere();
    expect(results.filter(({ code }) => code !== 0)).toEqual([]);
    await allHave("kube-apiserver", "--max-requests-inflight=399");
    await writer.progress(20);
  },
  600_000,
);

scenario(
  "an argument with which none comes up is taken back by each of them",
  async () => {
    await writer.event("bad argument");
    await apiFlags({ "max-requests-inflight": "many" });
    for (const { code, stderr } of await applyEverywhere()) {
      expect(code).not.toBe(0);
      expect(stderr).toContain("the configuration was taken back");
    }
    await allReady();
    await allHave("kube-apiserver", "--max-requests-inflight=399");
    await apiFlags({ "max-requests-inflight": "399" });
    await writer.progress(20);
  },
  900_000,
);

scenario(
  "a k0s that is killed in its turn: it comes back, and the others have theirs",
  async () => {
    await apiFlags({ "max-requests-inflight": "398" });
    const applying = applyEverywhere();
    let killed: TestMachine | undefined;
    await cluster.controller.waitFor(
      "a turn",
      async () => (killed = await leads("k0s-config-rollout")) !== undefined,
      { timeoutMs: 60_000, intervalMs: 50 },
    );
    await writer.event(`k0s of ${killed?.name} killed in its turn`);
    await killed?.k0sProcess.kill("SIGKILL");
    await killed?.k0sProcess.exited;
    await killed?.restartK0s();
    const results = await applying;
    expect(results.filter(({ code }) => code === 0).length).toBeGreaterThanOrEqual(2);
    await allReady();
    await allHave("kube-apiserver", "--max-requests-inflight=398");
    await writer.progress(20);
  },
  900_000,
);

scenario(
  "the leader is killed while a change goes round",
  async () => {
    const leader = await leads("k0s-endpoint-reconciler");
    expect(leader).toBeDefined();
    await writer.event(`leader ${leader?.name} killed`);
    await patchObject({ scheduler: { extraArgs: { "kube-api-qps": "63" } } });
    await leader?.k0sProcess.kill("SIGKILL");
    await leader?.k0sProcess.exited;
    await leader?.restartK0s();
    await allReady();
    await allHave("kube-scheduler", "--kube-api-qps=63");
    await writer.progress(20);
  },
  900_000,
);

scenario(
  "a controller that joins meanwhile runs with what the object says",
  async () => {
    await writer.event("c4 joins");
    await patchObject({ scheduler: { extraArgs: { "kube-api-qps": "64" } } });
    await cluster.addController({ name: "c4", args });
    await allHave("kube-scheduler", "--kube-api-qps=64");
    await writer.progress(20);
  },
  900_000,
);

scenario(
  "nothing was lost, and never were two API servers away",
  async () => {
    const report = await writer.report();
    const spans = (
      await Promise.all(["c1", "c2", "c3"].map((name) => away(cluster.controllerNamed(name))))
    ).flat();
    console.info(
      [
        `${report.acknowledged} acknowledged writes, failures: ${JSON.stringify(report.failures)}`,
        ...report.gaps.map(({ event, gapMs }) => `  ${event}: longest pause ${gapMs} ms`),
        ...spans.map(({ name, from, to }) => `  ${name}: no API server for ${(to - from).toFixed(1)} s`),
      ].join("\n"),
    );
    expect(report.lost).toEqual([]);
    // Each of the three had at least two turns.
    expect(spans.length).toBeGreaterThanOrEqual(6);
    const together = spans.flatMap((one) =>
      spans.filter((other) => one.name < other.name && one.from < other.to && other.from < one.to),
    );
    expect(together).toEqual([]);
  },
  300_000,
);
