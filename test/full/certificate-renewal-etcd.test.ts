// Three controllers whose certificates live for a few minutes: those of etcd between its members, too. They are renewed
// while a counting writer runs, no member is started again, and no acknowledged write is lost.

import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, expect } from "bun:test";
import {
  kubectl,
  memberList,
  newController,
  threeControllers,
  type TestController,
  tokenFor,
} from "../harness/controllers.ts";
import { type CountingWriter, startCountingWriter } from "../harness/counting-writer.ts";
import { componentProcesses } from "../harness/machine-processes.ts";
import { scenariosOn } from "../harness/scenario.ts";
import { startNetwork, type TestNetwork } from "../harness/test-machine.ts";

const life = { certificatesExpireAfter: "4m" };
const spec = { api: { ca: life }, storage: { etcd: { ca: life } } };
const leaves = ["etcd/server", "etcd/peer", "apiserver-etcd-client", "server", "admin", "k0s-api"];
const kept = ["etcd", "kube-apiserver"];

let network: TestNetwork;
const scenario = scenariosOn(() => network);
let controllers: TestController[];
let writer: CountingWriter;

beforeAll(async () => {
  network = await startNetwork();
  controllers = [...(await threeControllers(network, { spec }))];
}, 600_000);

afterAll(async () => {
  await network.destroy();
}, 60_000);

async function certificates({ machine }: TestController): Promise<X509Certificate[]> {
  const texts = await Promise.all(leaves.map((name) => machine.readFile(`/var/lib/k0s/pki/${name}.crt`)));
  return texts.map((text) => new X509Certificate(text));
}

/** The serial number of what a port shows; to those who show a certificate of their own. */
async function served({ machine }: TestController, address: string): Promise<string> {
  const pki = "/var/lib/k0s/pki";
  const show = `openssl s_client -connect ${address} -cert ${pki}/etcd/peer.crt -key ${pki}/etcd/peer.key </dev/null | openssl x509 -noout -serial`;
  return (await machine.ok(["sh", "-c", show])).trim().replace("serial=", "");
}

async function pids({ machine }: TestController): Promise<(number | undefined)[]> {
  const processes = await componentProcesses(machine, kept);
  return kept.map((name) => processes.get(name)?.[0]?.pid);
}

scenario(
  "the members go on through the end of their first certificates",
  async () => {
    const [first] = controllers;
    if (first === undefined) throw new Error("there is no controller");
    const before = await Promise.all(controllers.map(certificates));
    const processes = await Promise.all(controllers.map(pids));
    const outside = await network.machine({ name: "writer" });
    const kubeconfig = await first.machine.ok(["k0s", "kubeconfig", "admin"]);
    // The writer keeps the certificate that it began with: it stops before that ends, then another one goes on.
    writer = await startCountingWriter({ machine: outside, kubeconfig, intervalMs: 200 });
    const ended = Math.max(...before.flat().map(({ validTo }) => Date.parse(validTo)));
    await first.machine.waitFor("renewal on all", async () => (await renewed(before)).every(Boolean), {
      intervalMs: 2_000,
      timeoutMs: 400_000,
    });
    const report = await writer.report();
    await writer[Symbol.asyncDispose]();
    expect(report.lost).toEqual([]);
    expect(report.acknowledged).toBeGreaterThan(50);
    console.info(
      `${report.acknowledged} acknowledged writes, longest gap ${report.longestGapMs} ms, failures: ${JSON.stringify(report.failures)}`,
    );

    await first.machine.waitFor("the end of the first certificates", () => Date.now() > ended + 5_000, {
      intervalMs: 1_000,
      timeoutMs: 400_000,
    });
    for (const [index, controller] of controllers.entries()) {
      const [server, peer] = before[index] ?? [];
      for (const certificate of await certificates(controller))
        expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
      expect(await served(controller, "127.0.0.1:2379")).not.toBe(server?.serialNumber ?? "");
      expect(await served(controller, `${controller.machine.address}:2380`)).not.toBe(
        peer?.serialNumber ?? "",
      );
      expect(await pids(controller)).toEqual(processes[index] ?? []);
      expect(await controller.machine.readLog("k0s")).not.toContain("Process ended by itself");
      await kubectl(controller, "create", "configmap", `after-${controller.machine.name}`);
      await controller.machine.ok(["k0s", "etcd", "status"]);
    }

    // Whom the first certificates would have let in, new ones do: a connection between members that is made now.
    const [, second, third] = controllers;
    for (const one of [second, third]) {
      const pid = (await one!.machine.readFile("/run/k0s/etcd.pid")).trim();
      await one!.machine.ok(["kill", "-9", pid]);
      await one!.machine.waitFor(
        "the member",
        async () => {
          const { code } = await one!.machine.exec(["k0s", "etcd", "status"]);
          return code === 0 && (await one!.machine.readFile("/run/k0s/etcd.pid")).trim() !== pid;
        },
        { timeoutMs: 120_000, intervalMs: 1_000 },
      );
    }
    expect(Object.keys(await memberList(first)).sort()).toEqual(["c1", "c2", "c3"]);
    const fourth = await newController(network, "c4", { spec, token: await tokenFor(first, "controller") });
    controllers.push(fourth);
    expect(Object.keys(await memberList(fourth)).sort()).toEqual(["c1", "c2", "c3", "c4"]);
  },
  1_200_000,
);

/** Per controller: whether each of its certificates is another one. */
async function renewed(before: readonly (readonly X509Certificate[])[]): Promise<boolean[]> {
  const now = await Promise.all(controllers.map(certificates));
  return now.map((list, index) =>
    list.every(({ serialNumber }, leaf) => serialNumber !== before[index]?.[leaf]?.serialNumber),
  );
}
