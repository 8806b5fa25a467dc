// Scenarios `backup`, `backup-kine`, `backup-stream`: a controller is saved while objects are written, reset, restored, and
// has every write that was acknowledged before.

import { expect, test } from "bun:test";
import { configFile, type ClusterSpec, writeClusterConfig } from "../harness/cluster-config.ts";
import { startCountingWriter } from "../harness/counting-writer.ts";
import type { TestMachine } from "../harness/test-machine.ts";
import { withMachine } from "../harness/with-machine.ts";

const bare = ["--disable-components=coredns,metrics-server,network-provider"];
const restoredConfig = "/root/restored.yaml";

async function refused(machine: TestMachine, words: readonly string[], says: string): Promise<void> {
  const { code, stderr } = await machine.exec(["k0s", ...words]);
  expect([code, stderr]).toEqual([1, expect.stringContaining(says)]);
}

async function uids(machine: TestMachine): Promise<string> {
  return machine.kubectl("get", "namespaces,services", "-A", "-o", "jsonpath={.items[*].metadata.uid}");
}

interface Way {
  /** Returns where the archive is. */
  readonly save: (machine: TestMachine) => Promise<string>;
  readonly restore: (machine: TestMachine, archive: string) => Promise<unknown>;
}

/** What upstream's k0sctl does. */
const byFile: Way = {
  save: async (machine) =>
    (await machine.k0s("backup", "--save-path", "/root/saved", "--data-dir", "/var/lib/k0s")).trim(),
  restore: (machine, archive) =>
    machine.k0s("restore", "--data-dir=/var/lib/k0s", `--config-out=${restoredConfig}`, archive),
};
const byStream: Way = {
  save: async (machine) => {
    const archive = "/root/saved/k0s_backup.tar.gz";
    await machine.ok(["sh", "-c", `umask 077; k0s backup --save-path - >${archive}`]);
    return archive;
  },
  restore: (machine, archive) => machine.ok(["sh", "-c", `k0s restore - <${archive} >${restoredConfig}`]),
};

async function saveAndRestore(machine: TestMachine, storage: ClusterSpec, way: Way): Promise<void> {
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
  const archive = await way.save(machine);
  expect(await machine.ok(["stat", "-c", "%a %U", archive])).toBe("600 root\n");
  expect(await machine.ok(["ls", "-A", "/root/saved"])).toBe(`${archive.split("/").at(-1)}\n`);
  const names = (await machine.ok(["tar", "-tzf", archive])).split("\n");
  expect(names).toContain(storage["type"] === "etcd" ? "etcd-snapshot.db" : "kine-state-backup.db");
  expect(names).toContain("pki/ca.key");
  await refused(machine, ["restore", archive], "k0s seems to be running");
  await meanwhile.progress(20);
  await meanwhile.report();

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
  expect(await machine.kubectl("create", "configmap", "afterwards")).toContain("created");
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

test("etcd", async () => {
  await withMachine({ name: "saved" }, async (machine) => {
    await saveAndRestore(machine, { type: "etcd" }, byFile);
    expect(Object.keys(await machine.etcdMembers())).toEqual(["saved"]);
  });
}, 600_000);

test("SQLite, through pipes", async () => {
  await withMachine({ name: "saved" }, async (machine) => {
    await saveAndRestore(machine, { type: "kine" }, byStream);
  });
}, 600_000);
