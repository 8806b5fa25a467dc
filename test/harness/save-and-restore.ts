// A controller is saved while objects are written, reset, restored, and has every write that was acknowledged before.

import { expect } from "bun:test";
import { decodeJoinToken } from "../../src/token/join-token.ts";
import { configFile, type ClusterSpec, writeClusterConfig } from "./cluster-config.ts";
import { startCountingWriter } from "./counting-writer.ts";
import type { TestMachine } from "./test-machine.ts";

const bare = ["--disable-components=coredns,metrics-server,network-provider"];
/** Where a `WayOfBackup` puts it. */
export const restoredConfig = "/root/restored.yaml";

async function refused(machine: TestMachine, words: readonly string[], says: string): Promise<void> {
  const { code, stderr } = await machine.exec(["k0s", ...words]);
  expect([code, stderr]).toEqual([1, expect.stringContaining(says)]);
}

async function uids(machine: TestMachine): Promise<string> {
  return machine.kubectl("get", "namespaces,services", "-A", "-o", "jsonpath={.items[*].metadata.uid}");
}

export interface WayOfBackup {
  /** Returns where the archive is. */
  readonly save: (machine: TestMachine) => Promise<string>;
  readonly restore: (machine: TestMachine, archive: string) => Promise<unknown>;
}

export async function saveAndRestore(
  machine: TestMachine,
  storage: ClusterSpec,
  way: WayOfBackup,
): Promise<void> {
  await writeClusterConfig(machine, { storage });
  await machine.startK0s({ role: "controller", args: bare });
  await machine.clusterReady();
  await machine.ok(["mkdir", "/root/saved"]);
  const kubeconfig = await machine.readFile("/var/lib/k0s/pki/admin.conf");
  const before = await uids(machine);
  await using writer = await startCountingWriter({ machine, kubeconfig, intervalMs: 5 });
  await writer.progress(200);
  // Ends it: all of these are acknowledged before the backup begins.
  expect((await writer.report()).lost).toEqual([]);
  await using meanwhile = await startCountingWriter({ machine, kubeconfig, intervalMs: 5, id: "meanwhile" });
  await meanwhile.progress(20);
  const token = await machine.joinToken("worker");
  const archive = await way.save(machine);
  expect(await machine.ok(["stat", "-c", "%a %U", archive])).toBe("600 root\n");
  expect(await machine.ok(["ls", "-A", "/root/saved"])).toBe(`${archive.split("/").at(-1)}\n`);
  const names = (await machine.ok(["tar", "-tzf", archive])).split("\n");
  expect(names).toContain(storage["type"] === "etcd" ? "etcd-snapshot.db" : "kine-state-backup.db");
  expect(names).toContain("pki/ca.key");
  await refused(machine, ["restore", archive], "k0s seems to be running");
  await meanwhile.progress(20);
  await meanwhile.report();
  const seen = await revision(machine);

  await machine.k0s("stop");
  await refused(machine, ["backup", "--save-path", "/root/saved"], "no k0s answers");
  await refused(machine, ["restore", archive], "objects of a cluster");
  await machine.k0s("reset", "--yes");
  expect((await machine.exec(["test", "-e", "/var/lib/k0s/pki"])).code).toBe(1);
  await way.restore(machine, archive);
  expect(await machine.readFile(restoredConfig)).toBe(await machine.readFile(configFile));

  await machine.startK0s({ role: "controller", args: [...bare, `--config=${restoredConfig}`] });
  await machine.clusterReady();
  expect(await machine.readFile("/var/lib/k0s/pki/admin.conf")).toBe(kubeconfig);
  expect(await uids(machine)).toBe(before);
  const { acknowledged, lost } = await writer.report();
  console.log(
    `${String(storage["type"])}: ${acknowledged} writes acknowledged before the backup, ${lost.length} lost`,
  );
  expect([acknowledged >= 200, lost]).toEqual([true, []]);
  const numbers = await numbersOf(machine, "meanwhile");
  expect([numbers, isUnbroken(numbers)]).toEqual([numbers, true]);
  await joinsWith(machine, token);
  expect(await watchFrom(machine, seen)).toContain('"code":410');
  expect(await machine.kubectl("create", "configmap", "afterwards")).toContain("created");
}

/** What the API has written last. */
async function revision(machine: TestMachine): Promise<string> {
  const list = await machine.kubectl("get", "--raw", "/api/v1/namespaces/default/configmaps?limit=1");
  return (JSON.parse(list) as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
}

/** Who has seen what the restored cluster never had is told to list again; otherwise events would pass unseen. */
async function watchFrom(machine: TestMachine, seen: string): Promise<string> {
  const query = `watch=1&timeoutSeconds=3&resourceVersion=${seen}`;
  return machine.kubectl("get", "--raw", `/api/v1/namespaces/default/configmaps?${query}`);
}

/** As a worker would, with a token of before the backup. */
async function joinsWith(machine: TestMachine, token: string): Promise<void> {
  const { kubeconfig } = await decodeJoinToken(token);
  await machine.writeFile("/root/bootstrap.conf", kubeconfig);
  const whoami = await machine.kubectl("--kubeconfig=/root/bootstrap.conf", "auth", "whoami");
  expect(whoami).toContain("system:bootstrappers");
}

/** Of one writer, in order. */
async function numbersOf(machine: TestMachine, id: string): Promise<readonly number[]> {
  const names = await machine.kubectl("get", "configmaps", "-o", "jsonpath={.items[*].metadata.name}");
  const numbers = names.split(" ").flatMap((name) => new RegExp(`^${id}-0*(\\d+)$`).exec(name)?.[1] ?? []);
  return numbers.map(Number).toSorted((one, other) => one - other);
}

/** What was written meanwhile is there up to one moment, without a hole. */
function isUnbroken(numbers: readonly number[]): boolean {
  return numbers.length >= 20 && numbers.every((number, index) => number === (numbers[0] ?? 0) + index);
}
