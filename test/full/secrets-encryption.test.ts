// Encryption of Secrets over several controllers with etcd: turned on in a cluster that has Secrets, a controller that joins
// then, a new key under a counting writer while the command and a k0s are killed, a controller that is lost in the middle of a
// change of keys, turned off again. Nothing is lost, and what lies in etcd is looked at raw.

import { afterAll, beforeAll, expect } from "bun:test";
import type { ClusterSpec } from "../harness/cluster-config.ts";
import {
  kubectl,
  newController,
  restart,
  stopController,
  type TestController,
  tokenFor,
} from "../harness/controllers.ts";
import { startCountingWriter } from "../harness/counting-writer.ts";
import { encryptedWith, filesWith, rawSecretsOfEtcd } from "../harness/raw-secrets.ts";
import { scenariosOn } from "../harness/scenario.ts";
import { startNetwork, type TestNetwork } from "../harness/test-machine.ts";

interface Status {
  readonly encrypted: boolean;
  readonly key: string;
  readonly phase: string;
  readonly reads: readonly string[];
  readonly waitingFor: readonly string[];
  readonly controllers: readonly { readonly name: string }[];
}

const encrypting = (enabled: boolean): ClusterSpec => ({ security: { secretsEncryption: { enabled } } });
/** kube-apiserver looks once a minute whether its file has changed, and there are three orders of keys to go through. */
const patient = { timeoutMs: 480_000, intervalMs: 1_000 };

let network: TestNetwork;
const scenario = scenariosOn(() => network);
const controllers: TestController[] = [];
const at = (index: number): TestController => {
  const found = controllers[index];
  if (found === undefined) throw new Error(`there is no controller ${index}`);
  return found;
};

beforeAll(async () => {
  network = await startNetwork();
  const first = await newController(network, "c1");
  controllers.push(first, await newController(network, "c2", { token: await tokenFor(first, "controller") }));
}, 600_000);

afterAll(() => network.destroy(), 120_000);

async function statusOf({ machine }: TestController): Promise<Status> {
  return JSON.parse(await machine.k0s("secrets", "status", "-o", "json")) as Status;
}

async function until(what: string, test: (status: Status) => boolean): Promise<Status> {
  await at(0).machine.waitFor(what, async () => test(await statusOf(at(0))), patient);
  return statusOf(at(0));
}

async function configure(enabled: boolean): Promise<void> {
  for (const controller of controllers) {
    await stopController(controller);
    await restart(controller, { spec: encrypting(enabled) });
  }
}

/** Each value in etcd begins so, on whichever controller it is read; every controller can read all of them. */
async function allBegin(start: string): Promise<void> {
  for (const controller of controllers) {
    const raw = await rawSecretsOfEtcd(controller.machine);
    expect(raw.size).toBeGreaterThan(0);
    const others = [...raw].filter(
      ([, value]) => value.subarray(0, start.length).toString("latin1") !== start,
    );
    expect(others.map(([key]) => key)).toEqual([]);
    const names = await kubectl(controller, "get", "secrets", "-A", "-o", "name");
    expect(names.trim().split("\n").length).toBe(raw.size);
  }
}

scenario(
  "turned on in a cluster that has Secrets: each of them is encrypted",
  async () => {
    await kubectl(at(0), "create", "secret", "generic", "early", "--from-literal=word=early-4711");
    await allBegin("k8s\0");
    await configure(true);
    const { key, reads } = await until(
      "encryption",
      ({ encrypted, phase }) => encrypted && phase === "stable",
    );
    expect(reads).toEqual([key]);
    await allBegin(encryptedWith(key));
    await kubectl(at(1), "create", "secret", "generic", "late", "--from-literal=word=late-4712");
    for (const { machine } of controllers) {
      expect(await filesWith(machine, "late-4712", "/var/lib/k0s/etcd")).toBe("");
      expect((await machine.ok(["stat", "-c", "%a %U", "/var/lib/k0s/pki/encryption.yaml"])).trim()).toBe(
        "600 kube-apiserver",
      );
    }
  },
  900_000,
);

scenario(
  "a controller that joins has the key from its first start on",
  async () => {
    const token = await tokenFor(at(0), "controller");
    controllers.push(await newController(network, "c3", { token, spec: encrypting(true) }));
    expect(await kubectl(at(2), "get", "secret", "early", "-o", "jsonpath={.data.word}")).toBe(
      btoa("early-4711"),
    );
    const { controllers: known } = await until(
      "its word",
      ({ waitingFor, controllers: all }) => all.length === 3 && waitingFor.length === 0,
    );
    expect(known.map(({ name }) => name)).toEqual(["c1", "c2", "c3"]);
  },
  600_000,
);

scenario(
  "a new key under load, with the command and then a k0s killed in the middle: nothing is lost",
  async () => {
    const before = await statusOf(at(0));
    const machine = await network.machine({ name: "writer" });
    await using writer = await startCountingWriter({
      machine,
      kind: "Secret",
      kubeconfig: await at(0).machine.ok(["k0s", "kubeconfig", "admin"]),
      endpoints: controllers.map((controller) => `https://${controller.machine.address}:6443`),
    });
    await writer.progress(20);
    const command = await at(1).machine.start("rotate", ["k0s", "secrets", "rotate-key"]);
    await until("the first step", ({ phase }) => phase !== "stable");
    await command.kill("SIGKILL");
    await command.exited;
    await until("the second step", ({ phase }) => phase === "writing" || phase === "rewriting");
    await writer.event("k0s of c1 killed");
    await at(0).process.kill("SIGKILL");
    await at(0).process.exited;
    await restart(at(0), { spec: encrypting(true) });
    const said = await at(2).machine.ok(["k0s", "secrets", "rotate-key"], { timeoutMs: 600_000 });
    const after = await statusOf(at(0));
    expect(said).toContain(`Secrets are encrypted with ${after.key}`);
    expect([after.phase, after.reads, after.key === before.key]).toEqual(["stable", [after.key], false]);
    await writer.progress(20);
    const report = await writer.report();
    console.log(`rotation: ${report.acknowledged} Secrets written, longest pause ${report.longestGapMs} ms`);
    expect(report.lost).toEqual([]);
    await allBegin(encryptedWith(after.key));
    for (const controller of controllers) {
      const keys = await controller.machine.readFile("/var/lib/k0s/pki/encryption.yaml");
      expect([keys.includes(`name: ${after.key}`), keys.match(/secret:/g)?.length]).toEqual([true, 1]);
    }
  },
  1_200_000,
);

scenario(
  "a controller is lost: a change of keys waits for it, and ends once it has left etcd",
  async () => {
    const before = await statusOf(at(0));
    const [lost] = controllers.splice(1, 1);
    if (lost === undefined) throw new Error("there is no second controller");
    const { name, address } = lost.machine;
    await lost.machine.destroy();
    const command = await at(1).machine.start("rotate-without", ["k0s", "secrets", "rotate-key"]);
    // The others have the new key, and would go on without it.
    const waiting = await until(
      "the wait for the one that is lost",
      ({ phase, waitingFor }) => phase === "reading" && waitingFor.join() === name,
    );
    expect(waiting.key).toBe(before.key);
    expect((await at(0).machine.exec(["k0s", "secrets", "status"])).stdout).toContain(
      "`k0s etcd leave --peer-address ADDRESS`",
    );
    await at(0).machine.ok(["k0s", "etcd", "leave", "--peer-address", address], { timeoutMs: 60_000 });
    await until("the end of the change", ({ phase, key }) => phase === "stable" && key !== before.key);
    expect(await command.exited).toBe(0);
    const after = await statusOf(at(0));
    expect(await at(1).machine.readLog("rotate-without")).toContain(
      `Secrets are encrypted with ${after.key}`,
    );
    expect([after.phase, after.reads, after.key === before.key]).toEqual(["stable", [after.key], false]);
    expect(after.controllers.map((one) => one.name)).toEqual(["c1", "c3"]);
    await allBegin(encryptedWith(after.key));
    // Another one in its place has that key from its first start on.
    const token = await tokenFor(at(0), "controller");
    controllers.push(await newController(network, "c4", { token, spec: encrypting(true) }));
    await allBegin(encryptedWith(after.key));
  },
  1_200_000,
);

scenario(
  "turned off again: Secrets are plain, and after the next start nothing of it is left",
  async () => {
    await configure(false);
    await until("the end of encryption", ({ encrypted, phase }) => !encrypted && phase === "stable");
    await allBegin("k8s\0");
    await stopController(at(2));
    await restart(at(2));
    expect((await at(2).machine.exec(["test", "-e", "/var/lib/k0s/pki/encryption.yaml"])).code).toBe(1);
    expect(await kubectl(at(2), "get", "secret", "late", "-o", "jsonpath={.data.word}")).toBe(
      btoa("late-4712"),
    );
  },
  900_000,
);
