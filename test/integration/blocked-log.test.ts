// A controller whose log has a full disk, a reader that has stalled, no reader at all: processes are supervised, leases are
// held, the virtual address and its balancer stay, and what was lost is counted and said when it can be.

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { MachineProcess } from "../../src/sandbox/machine.ts";
import { writeClusterConfig } from "../harness/cluster-config.ts";
import { componentProcesses } from "../harness/machine-processes.ts";
import { startNetwork, type TestMachine, type TestNetwork } from "../harness/test-machine.ts";

const virtualIp = "10.200.0.200";
const spec = {
  // Each request is a line, so that there is something to lose.
  api: { extraArgs: { v: "4" } },
  network: {
    controlPlaneLoadBalancing: {
      enabled: true,
      type: "Keepalived",
      keepalived: { vrrpInstances: [{ virtualIPs: [`${virtualIp}/24`], authPass: "s3cret" }] },
    },
  },
};
const lossLine = /msg="Lines of the log were dropped" because="?([^"\n]*)"? lines=(\d+)/;

let network: TestNetwork;
let machine: TestMachine;
let k0s: MachineProcess;

/** Starts a controller that logs everything to `target`. */
async function start(target: string): Promise<void> {
  const script = `exec k0s controller --debug --disable-components=metrics-server >>${target} 2>&1`;
  k0s = await machine.start("shell", ["/bin/sh", "-c", script]);
}

async function stop(): Promise<void> {
  await k0s.kill();
  expect(await k0s.exited).toBe(0);
}

const apiAnswers = (): Promise<string> =>
  machine.waitFor("the API", () => machine.kubectl("get", "--raw=/readyz"));

async function pidOf(name: string): Promise<number | undefined> {
  return (await componentProcesses(machine, [name])).get(name)?.[0]?.pid;
}

async function renewedAt(): Promise<string> {
  const path = "jsonpath={.spec.renewTime}";
  const lease = (await machine.kubectl("-n", "kube-node-lease", "get", "leases", "-o", "name"))
    .split("\n")
    .find((name) => name.includes("k0s-ctrl-"));
  return machine.kubectl("-n", "kube-node-lease", "get", lease ?? "leases/none", "-o", path);
}

/** All that k0s does in its own process, and the restart of one that it supervises. */
async function expectAtWork(victim: string): Promise<void> {
  const renewed = await renewedAt();
  const before = await pidOf(victim);
  await machine.ok(["kill", "-9", String(before)]);
  await machine.waitFor(`another ${victim}`, async () => {
    const now = await pidOf(victim);
    return now !== undefined && now !== before;
  });
  await apiAnswers();
  await machine.waitFor("a renewed lease", async () => (await renewedAt()) !== renewed);
  expect(await machine.ok(["ip", "-o", "address", "show", "dev", "eth0"])).toContain(`${virtualIp}/24`);
  const ask = `echo | timeout 5 openssl s_client -connect ${virtualIp}:6443`;
  await machine.waitFor("the balancer", async () => {
    const { stdout } = await machine.sh(ask);
    return stdout.includes("BEGIN CERTIFICATE");
  });
}

beforeAll(async () => {
  network = await startNetwork();
  machine = await network.machine({ name: "c1" });
  await writeClusterConfig(machine, spec);
}, 300_000);

afterAll(async () => {
  await network?.destroy();
}, 300_000);

test("the log's disk is full from the first lines on", async () => {
  await machine.ok(["mkdir", "-p", "/mnt/tiny"]);
  await machine.ok(["mount", "-t", "tmpfs", "-o", "size=64k", "none", "/mnt/tiny"]);
  await start("/mnt/tiny/log");
  await apiAnswers();
  expect(await machine.ok(["df", "--output=avail", "/mnt/tiny"])).toMatch(/\s0\s*$/);
  await expectAtWork("kube-apiserver");

  await machine.ok(["mount", "-o", "remount,size=256m", "/mnt/tiny"]);
  const log = await machine.waitFor("a word about the loss", async () => {
    const text = await machine.readFile("/mnt/tiny/log");
    return lossLine.exec(text);
  });
  expect(log[1]).toContain("ENOSPC");
  expect(Number(log[2])).toBeGreaterThan(100);
  await stop();
}, 600_000);

test("the log's reader stalls, then goes away", async () => {
  await machine.ok(["mkfifo", "/run/log"]);
  // Opens it and reads nothing.
  const staller = machine.spawn(["/bin/sh", "-c", "exec sleep 600 </run/log"]);
  await start("/run/log");
  await apiAnswers();
  await expectAtWork("kube-apiserver");

  await staller.kill();
  await staller.exited;
  await expectAtWork("kube-scheduler");

  const reader = machine.spawn(["/bin/sh", "-c", "exec cat /run/log >/root/rest"]);
  const loss = await machine.waitFor("a word about the loss", async () =>
    lossLine.exec(await machine.readFile("/root/rest")),
  );
  expect(loss[1]).toContain("EPIPE");
  expect(Number(loss[2])).toBeGreaterThan(100);
  await stop();
  await reader.exited;
}, 600_000);
