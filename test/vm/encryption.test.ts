// Two workers in virtual machines, whose kernel has IPVS and WireGuard, and a controller beside them in a sandbox of this host, which
// is fast. Services answer in mode ipvs; what one pod says to another is on the wire before Calico encrypts, and no more after that.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildDemoImages } from "../../build/images/demo-images.ts";
import { formatTable } from "../../src/std/text-table.ts";
import { writeClusterConfig } from "../harness/cluster-config.ts";
import { TestCluster } from "../harness/cluster.ts";
import { bridgePort, settle } from "../harness/vm/bridge.ts";
import { parseCapture } from "../harness/vm/capture.ts";
import { VirtualMachine } from "../harness/vm/virtual-machine.ts";

const limitMs = 1_800_000;
const vxlanPort = 4789;
const wireguardPort = 51820;
/** Begins a packet of WireGuard that carries data, https://www.wireguard.com/papers/wireguard.pdf section 5.4.6. */
const carriesData = Buffer.from([4, 0, 0, 0]);

const spec = (wireguard: boolean) => ({
  network: { provider: "calico", calico: { wireguard }, kubeProxy: { mode: "ipvs" } },
});

const cluster = new TestCluster({
  controllers: [{ name: "controller", args: ["--disable-components=metrics-server,konnectivity-server"] }],
  spec: spec(false),
});
/** By the name of the node: which one is made first is chance. */
const machines = new Map<string, VirtualMachine>();
/** Rules, and routes that are neither of the kernel nor of a link's own addresses. */
const routing =
  "ip rule; ip route show table all | grep -v -e fe80: -e '^local ' -e '^broadcast ' -e '^multicast '";
const before = new Map<string, string>();

const pods = (asking: string, answering: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: visitor, namespace: default}
spec:
  nodeName: ${asking}
  containers:
    - {name: visitor, image: "localhost/k0s/toolbox:1", imagePullPolicy: Never, command: [/bin/sh, -c, "sleep 1000000"]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: default, labels: {app: web}}
spec:
  nodeName: ${answering}
  containers:
    - {name: web, image: "localhost/k0s/web:1", imagePullPolicy: Never, ports: [{containerPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
`;

async function addWorker(name: string, number: number): Promise<void> {
  const machine = await VirtualMachine.start({
    system: "systemd",
    files: [
      { source: join(import.meta.dir, "../../dist/k0s"), target: "/usr/local/bin/k0s", mode: 0o755 },
      { source: await buildDemoImages(), target: "/var/lib/k0s/images/demo.tar" },
    ],
    bridge: await bridgePort(cluster.network, number),
  });
  machines.set(name, machine);
  await settle(machine, name, number);
  const token = await cluster.controller.joinToken("worker");
  await machine.ok(`umask 077; mkdir -p /etc/k0s; echo '${token}' >/etc/k0s/token`);
  before.set(name, await machine.ok(routing));
  await machine.k0s("install", "worker", "--token-file=/etc/k0s/token");
  await machine.k0s("start");
  await cluster.nodeReady(name, limitMs);
  console.log(`${name} is Ready after ${Math.round(performance.now() / 1_000)} s`);
}

function worker(name: string): VirtualMachine {
  const machine = machines.get(name);
  if (machine === undefined) throw new Error(`there is no machine ${name}`);
  return machine;
}

beforeAll(async () => {
  await cluster.start();
  await Promise.all([addWorker("one", 101), addWorker("two", 102)]);
  await cluster.apply(pods("one", "two"));
  for (const pod of ["visitor", "web"])
    await slowly(`pod ${pod}`, async () =>
      (await field(["pod", pod], '.status.conditions[?(@.type=="Ready")].status')).includes("True"),
    );
}, limitMs);

afterAll(async () => {
  for (const machine of machines.values()) await machine[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
}, 120_000);

/** By many short looks: one call that waits would be ended by the limit of a call, which is that of a real host. */
async function slowly(what: string, look: () => Promise<unknown>): Promise<void> {
  await cluster.controller.waitFor(what, look, { timeoutMs: limitMs, intervalMs: 2_000 });
}

/** Until there is an answer, as far as the network follows later. */
async function visit(url: string): Promise<void> {
  await slowly(`an answer of ${url}`, async () => {
    const answer = await cluster.kubectl("exec", "visitor", "--", "timeout", "20", "wget", "-qO-", url);
    return answer.includes("nginx on web ");
  });
}

const field = async (object: readonly string[], path: string): Promise<string> =>
  await cluster.kubectl("get", ...object, "-o", `jsonpath={${path}}`);

/** What the card of the visitor's node has carried while something was asked of the pod on the other one. */
async function wire(word: string): Promise<{ said: number; vxlan: number; wireguard: number }> {
  const { capture } = worker("one");
  const from = (await readFile(capture)).length;
  const address = await field(["pod", "web"], ".status.podIP");
  await visit(`http://${address}:8080/${word}`);
  const packets = parseCapture(await readFile(capture)).slice(
    parseCapture((await readFile(capture)).subarray(0, from)).length,
  );
  const count = (port: number): number => packets.filter((one) => one.port === port).length;
  return {
    said: packets.filter(({ frame }) => frame.includes(word)).length,
    vxlan: count(vxlanPort),
    wireguard: packets.filter(
      ({ port, payload }) => port === wireguardPort && payload.subarray(0, 4).equals(carriesData),
    ).length,
  };
}

test(
  "a service of mode ipvs answers from the other node",
  async () => {
    await visit("http://web.default.svc.cluster.local/");
    const address = await field(["service", "web"], ".spec.clusterIP");
    const hex = address
      .split(".")
      .map((part) => Number(part).toString(16).padStart(2, "0"))
      .join("")
      .toUpperCase();
    for (const machine of machines.values()) {
      const table = await machine.ok("cat /proc/net/ip_vs");
      expect(table).toContain(`TCP  ${hex}:0050 rr`);
      expect(await machine.ok("ip -o addr show kube-ipvs0")).toContain(` ${address}/32 `);
    }
  },
  limitMs,
);

test(
  "what pods say to each other is on the wire, until Calico encrypts it",
  async () => {
    const plain = await wire("plain-word-of-the-visitor");
    const { controller } = cluster;
    await controller.stopK0s();
    await writeClusterConfig(controller, spec(true));
    await cluster.startController();
    const keyed = ".metadata.annotations.projectcalico\\.org/WireguardPublicKey";
    for (const node of ["one", "two"])
      await slowly(`WireGuard's key of ${node}`, () => field(["node", node], keyed));
    await slowly("every calico-node with the new configuration", async () =>
      (
        await cluster.kubectl(
          "-n",
          "kube-system",
          "rollout",
          "status",
          "daemonset/calico-node",
          "--watch=false",
        )
      ).includes("successfully rolled out"),
    );
    for (const machine of machines.values())
      await machine.waitFor("the other's route", () =>
        machine.ok("ip route show table all | grep wireguard.cali"),
      );
    const encrypted = await wire("secret-word-of-the-visitor");
    const rows = Object.entries({ plain, encrypted }).map(([name, { said, vxlan, wireguard }]) => [
      name,
      ...[said, vxlan, wireguard].map(String),
    ]);
    console.log(formatTable(["", "PACKETS WITH THE WORD", "OF VXLAN", "OF WIREGUARD"], rows));
    expect(plain).toMatchObject({ wireguard: 0 });
    expect(plain.said).toBeGreaterThan(0);
    expect(encrypted.said).toBe(0);
    expect(encrypted.wireguard).toBeGreaterThan(0);
    await visit("http://web.default.svc.cluster.local/");
  },
  limitMs,
);

test(
  "a reset leaves neither a rule nor a route of it",
  async () => {
    const machine = worker("one");
    expect(await machine.ok("ip rule")).toMatch(/^99:.*lookup 1/m);
    await machine.k0s("stop");
    expect(await machine.k0s("reset", "--yes")).toContain("nothing of k0s is left");
    expect(await machine.ok(routing)).toBe(before.get("one") ?? "");
  },
  limitMs,
);
