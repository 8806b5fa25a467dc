// A single node under every kind of sudden and orderly end, while a writer counts what the API has acknowledged. The
// tests are one story on one machine and build on each other: processes killed, k0s killed, starts killed, stop,
// reboot, reset.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { type CountingWriter, startCountingWriter, type WriterReport } from "../harness/counting-writer.ts";
import {
  componentProcesses,
  type MachineProcessInfo,
  machineProcesses,
  singleNodeComponents,
} from "../harness/machine-processes.ts";
import { expectAsBefore, type MachineSnapshot, takeSnapshot } from "../harness/machine-snapshot.ts";
import { importDemoImages } from "../harness/demo-images.ts";
import { frozenK0s, killedForEver, replacedFile, strangersNetwork } from "../harness/fault-kinds.ts";
import { seeFault } from "../harness/node-faults.ts";
import { runningContainers } from "../harness/running-containers.ts";
import { singleNodeArgs } from "../harness/single-node.ts";
import { startNetwork, type TestMachine, type TestNetwork } from "../harness/test-machine.ts";
import { deployAndAsk, startWeb, webAnswers } from "../harness/web-demo.ts";

let network: TestNetwork;
let machine: TestMachine;
let before: MachineSnapshot;
let writer: CountingWriter;
let starts = 0;

/** Without waiting for anything. */
const launch = () => machine.startK0s({ role: "controller", args: singleNodeArgs, log: `k0s-${++starts}` });

const start = async (): Promise<void> => {
  await launch();
  await machine.clusterReady();
};

const identity = ({ pid, startTime }: MachineProcessInfo): string => `${pid} since ${startTime}`;

/** Each component has exactly one process; returns them by name. One that starts another looks like two until that runs its program. */
async function oneOfEach(): Promise<Map<string, string>> {
  const found = await machine.waitFor("one process of each component", async () => {
    const now = await componentProcesses(machine);
    expect([...now].map(([name, all]) => `${name} ${all.length}`)).toEqual(
      singleNodeComponents.map((name) => `${name} 1`),
    );
    return now;
  });
  return new Map([...found].flatMap(([name, all]) => all.map((one) => [name, identity(one)])));
}

/** Programs of k0s that run, by name. */
async function running(): Promise<string[]> {
  const ours = (await machineProcesses(machine)).filter(({ executable }) =>
    executable.startsWith("/var/lib/k0s/"),
  );
  return [...new Set(ours.map((one) => one.arguments[0]?.split("/").at(-1) ?? ""))].sort();
}

/** What a probe runs in a pod belongs to the pod's shim, and ends when it is done: kubelet's end does not cut it off. */
async function onlyShimsLeft(): Promise<void> {
  await machine.waitFor("nothing but shims", async () => {
    expect(await running()).toEqual(["containerd-shim-runc-v2"]);
    return true;
  });
}

async function demoContainers(): Promise<string[]> {
  return (await runningContainers(machine)).filter((line) =>
    /^(kube-system\/|default\/(web|visitor))/.test(line),
  );
}

/** What the status says once all is well: it looks every ten seconds. */
const healthy = (): Promise<string> => machine.waitFor("good health", () => machine.k0s("status"));

beforeAll(async () => {
  network = await startNetwork();
  machine = await network.machine({ name: "faults" });
  before = await takeSnapshot(machine);
  await start();
  await importDemoImages(machine);
  await startWeb(machine);
  // Whatever comes later would look as if a fault had made it.
  await machine.kubectl("wait", "--for=condition=Ready", "pods", "--all", "-A", "--timeout=240s");
  // It lives elsewhere: a process inside of a machine's network keeps that from being rebooted.
  const elsewhere = await network.machine({ name: "elsewhere", k0s: false });
  writer = await startCountingWriter({
    machine: elsewhere,
    kubeconfig: await machine.k0s("kubeconfig", "admin"),
  });
}, 600_000);

afterAll(async () => {
  await writer?.[Symbol.asyncDispose]();
  await network.destroy();
}, 300_000);

for (const name of singleNodeComponents) {
  test(`${name} killed: it is back, alone, and nothing else was touched`, async () => {
    const processes = await oneOfEach();
    const containers = await demoContainers();
    const pid = (await machine.ok(["cat", `/run/k0s/${name}.pid`])).trim();
    expect(processes.get(name)).toStartWith(`${pid} since`);

    await writer.event(name);
    await machine.ok(["kill", "-9", pid]);
    await machine.waitFor(`another ${name}`, async () => {
      const [one] = (await componentProcesses(machine)).get(name) ?? [];
      return one !== undefined && identity(one) !== processes.get(name);
    });
    await deployAndAsk(machine, `after-${name}`);

    const now = await oneOfEach();
    const others = (all: Map<string, string>): string[][] => [...all].filter(([other]) => other !== name);
    expect(others(now)).toEqual(others(processes));
    expect(await demoContainers()).toEqual(containers);
  });
}

test("status tells what is healthy and what was started again", async () => {
  const text = await healthy();
  expect(text).toMatch(/^Datastore: kine \/ SQLite, \d/m);
  expect(text).toMatch(/^Node: faults Ready, \d+ pods$/m);
  expect(text).toMatch(/^Expires: certificates in 36\d d/m);
  interface Report {
    readonly healthProbes: Readonly<Record<string, readonly { error: string | null }[]>>;
    readonly events: Readonly<Record<string, readonly { message: string }[]>>;
  }
  const ask = async (): Promise<Report> =>
    Bun.YAML.parse(await machine.k0s("status", "components", "--max-count", "3")) as Report;
  const report = await machine.waitFor("an event of each component, and good health", async () => {
    const now = await ask();
    for (const name of ["kine", "kube-apiserver", "containerd", "kubelet"])
      expect([name, now.healthProbes[name]?.at(-1)?.error]).toEqual([name, null]);
    return singleNodeComponents.every((name) => now.events[name] !== undefined) && now;
  });
  for (const name of singleNodeComponents) expect([name, report.events[name]?.length]).toEqual([name, 1]);
});

/** The others are in test/full/status-faults.test.ts. */
const faults = [
  killedForEver("kube-scheduler"),
  frozenK0s(),
  strangersNetwork(),
  replacedFile(
    "certificate damaged",
    "/var/lib/k0s/pki/front-proxy-client.crt",
    "half a certificate",
    /^\/var\/lib\/k0s\/pki\/front-proxy-client.crt holds no certificate that can be read; /,
  ),
];
test.each(faults.map((fault) => [fault.name, fault] as const))(
  "status names a fault: %s",
  async (_, fault) => {
    await seeFault(machine, fault);
  },
);

test("images of an earlier version lose their pin at the next start", async () => {
  const ctr = (...args: readonly string[]): Promise<string> => machine.k0s("ctr", "-n", "k8s.io", ...args);
  const pinned = async (name: string): Promise<boolean> =>
    (await ctr("images", "list", `name==${name}`)).includes("io.cri-containerd.pinned=pinned");
  await ctr("images", "tag", "localhost/k0s/web:1", "localhost/k0s/old:1");
  await ctr(
    "images",
    "label",
    "localhost/k0s/old:1",
    "io.k0sproject.payload=true",
    "io.cri-containerd.pinned=pinned",
  );
  expect(await pinned("localhost/k0s/old:1")).toBe(true);
  await machine.k0s("stop");
  await start();
  await machine.waitFor("the image without its pin", async () => !(await pinned("localhost/k0s/old:1")));
  // Of a bundle file that is there, and of this version.
  expect(await pinned("localhost/k0s/web:1")).toBe(true);
  expect(await ctr("images", "list")).toMatch(/localhost\/k0s\/coredns\S* .*io.cri-containerd.pinned=pinned/);
});

test("k0s killed: its children go with it, pods stay, the next start takes them over", async () => {
  const containers = await demoContainers();
  await writer.event("k0s");
  await machine.k0sProcess.kill("SIGKILL");
  await machine.waitFor("the end of the children", async () =>
    [...(await componentProcesses(machine)).values()].every((all) => all.length === 0),
  );
  await onlyShimsLeft();

  await start();
  await deployAndAsk(machine, "after-k0s");
  await oneOfEach();
  expect(await demoContainers()).toEqual(containers);
  await healthy();
});

test("k0s killed at different points of its start: the next start recovers", async () => {
  await machine.k0sProcess.kill("SIGKILL");
  await machine.k0sProcess.exited;
  for (const point of ["kine", "kube-apiserver", "kubelet"]) {
    await writer.event(`start killed at ${point}`);
    await launch();
    await machine.waitFor(
      point,
      async () => (await componentProcesses(machine, [point])).get(point)?.length !== 0,
      {
        intervalMs: 5,
      },
    );
    await machine.k0sProcess.kill("SIGKILL");
    await machine.k0sProcess.exited;
  }
  await start();
  await deployAndAsk(machine, "after-starts");
  await oneOfEach();
});

test("SIGTERM ends everything in reverse order; only the pods with their shims stay", async () => {
  const containers = await demoContainers();
  await writer.event("stop");
  // By number of the look. Those that end between two looks cannot be told apart.
  const [lastSeen, gone] = [new Map<string, number>(), new Map<string, number>()];
  let looks = 0;
  await machine.k0sProcess.kill("SIGTERM");
  await machine.waitFor(
    "the end of all processes",
    async () => {
      looks++;
      for (const [name, all] of await componentProcesses(machine))
        if (all.length > 0) lastSeen.set(name, looks);
        else if (!gone.has(name)) gone.set(name, looks);
      return gone.size === singleNodeComponents.length;
    },
    { intervalMs: 2 },
  );
  expect(await machine.k0sProcess.exited).toBe(0);
  // What was ready first goes last, and each before what it depends on.
  const tooEarly = (one: string, other: string): boolean => (gone.get(one) ?? 0) < (lastSeen.get(other) ?? 0);
  for (const name of singleNodeComponents) expect([name, tooEarly("kine", name)]).toEqual([name, false]);
  for (const client of ["kube-scheduler", "kube-controller-manager", "kubelet", "kube-proxy"])
    expect([client, tooEarly("kube-apiserver", client)]).toEqual([client, false]);
  expect(tooEarly("containerd", "kubelet")).toBe(false);

  await onlyShimsLeft();
  expect(
    await machine.ok(["sh", "-c", "ls /run/k0s | grep -E 'pid$|sock$|starttime$|^k0s.yaml$'; true"]),
  ).toBe("");
  expect((await machine.exec(["k0s", "stop"])).stderr).toContain("already stopped");

  await start();
  await oneOfEach();
  expect(await demoContainers()).toEqual(containers);
});

test("the host rebooted: every pod is Ready again", async () => {
  const containers = new Set((await demoContainers()).map((line) => line.split(" ")[2]));
  await machine.reboot();
  await start();
  await machine.waitFor("new containers that are ready", async () => {
    const now = await demoContainers();
    return now.every((line) => !containers.has(line.split(" ")[2])) && now.length >= containers.size;
  });
  await machine.kubectl("wait", "--for=condition=Ready", "pods", "--all", "-A", "--timeout=240s");
  await webAnswers(machine);
  await oneOfEach();
});

test("no acknowledged write is lost, and the writer would have noticed", async () => {
  const report = await writer.report();
  printReport(report);
  expect(report.acknowledged).toBeGreaterThan(500);
  expect(report.lost).toEqual([]);

  const [first = ""] = (
    await machine.kubectl("get", "configmaps", "-l", "k0s.test/counting-writer", "-o", "name")
  ).split("\n");
  await machine.kubectl("delete", first);
  expect((await writer.report()).lost).toHaveLength(1);
});

test("reset is refused while k0s runs; one that is killed half-way is finished by the next", async () => {
  const refused = await machine.exec(["k0s", "reset"]);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("another k0s process is still running, please stop k0s before reset");
  await oneOfEach();

  await machine.k0s("stop");
  await machine.sh("k0s reset -y & sleep 1; kill -9 $!; wait $!");
  const output = await machine.k0s("reset", "-y");
  expect(output).toContain("nothing of k0s is left");
  await expectAsBefore(machine, before);
});

test("reset: after a reset the host can become a node again, a new one", async () => {
  await start();
  const namespaces = await machine.kubectl("get", "namespaces", "-o", "name");
  expect(namespaces.trim().split("\n")).toEqual(
    ["default", "kube-node-lease", "kube-public", "kube-system"].map((name) => `namespace/${name}`),
  );
  expect(await machine.kubectl("get", "configmaps", "-l", "k0s.test/counting-writer", "-o", "name")).toBe("");
});

function printReport(report: WriterReport): void {
  const width = Math.max(...report.gaps.map(({ event }) => event.length));
  const lines = report.gaps.map(
    ({ event, gapMs }) => `  ${event.padEnd(width)}  ${(gapMs / 1000).toFixed(1)} s`,
  );
  console.log(
    `${report.acknowledged} acknowledged writes; longest time without one after\n${lines.join("\n")}`,
  );
}
