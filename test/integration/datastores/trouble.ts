// What is done to each datastore outside of k0s, and to kine with SQLite: killed under load, exchanged, told to refuse writes.

import { expect } from "bun:test";
import { writeClusterConfig } from "../../harness/cluster-config.ts";
import { startCountingWriter } from "../../harness/counting-writer.ts";
import {
  certificateDir,
  type DatabaseMachine,
  type DatabaseServer,
  type SqlServer,
} from "../../harness/database-machine.ts";
import type { TestMachine } from "../../harness/test-machine.ts";

/** With characters that each form of a data source has to cope with. */
export const secret = "s3cret/@:x";

/** A machine with the client certificates of the database machine in /etc/k0s/db. */
export async function certifiedMachine(db: DatabaseMachine, name: string): Promise<TestMachine> {
  const machine = await db.network.machine({ name });
  await machine.ok(["mkdir", "-p", "/etc/k0s/db"]);
  for (const file of ["ca.crt", "client.crt", "client.key"])
    await machine.writeFile(
      `/etc/k0s/db/${file}`,
      await db.machine.readFile(`${certificateDir}/${file}`),
      0o640,
    );
  return machine;
}

export async function startController(machine: TestMachine, ...flags: readonly string[]): Promise<void> {
  await machine.startK0s({ role: "controller", args: flags });
  await machine.clusterReady();
}

export const bare = ["--disable-components=coredns,metrics-server,network-provider"];

/** Kills the datastore while objects are written, lets it lie for a moment, starts it again. */
export async function dieUnderLoad(machine: TestMachine, server: DatabaseServer): Promise<void> {
  const kubeconfig = await machine.readFile("/var/lib/k0s/pki/admin.conf");
  await using writer = await startCountingWriter({ machine, kubeconfig, intervalMs: 20 });
  await writer.progress(20);
  await writer.event(`${server.name} killed`);
  await server.kill();
  await Bun.sleep(2_000);
  await server.start();
  await writer.progress(20);
  const { acknowledged, lost, gaps, failures } = await writer.report();
  console.log(`${server.name}: ${acknowledged} writes acknowledged, ${lost.length} lost`, gaps, failures);
  expect(lost).toEqual([]);
}

/** A write that the database refuses (full disk, standby, constraint) is an error for the one who asked for it. */
export async function refuseWrites(machine: TestMachine, server: SqlServer): Promise<void> {
  await server.sql("ALTER TABLE kine ADD CONSTRAINT refusing CHECK (name NOT LIKE '%/refused')");
  const create = ["create", "configmap", "refused"];
  const refused = await machine.tryKubectl(...create);
  expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("refusing") });
  await server.sql("ALTER TABLE kine DROP CONSTRAINT refusing");
  expect(await machine.kubectl(...create)).toBe("configmap/refused created\n");
}

/** Nobody but root and the process's own user can read the password, and no log holds it. */
export async function expectSecretKept(machine: TestMachine): Promise<void> {
  const visible = await machine.ok([
    "sh",
    "-c",
    "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' '\\n'",
  ]);
  expect(visible).toContain("kine.sock");
  expect(visible).not.toContain("s3cret");
  expect(await machine.readLog("k0s")).not.toContain("s3cret");
  expect(await machine.k0s("status", "-o", "json")).not.toContain("s3cret");
  const holders = await machine.sh("grep -rlE s3cret /run/k0s /var/lib/k0s | xargs stat -c '%n %a %U'");
  expect(holders.stdout.trim().split("\n").toSorted()).toEqual([
    "/run/k0s/k0s.yaml 600 root",
    "/run/k0s/kine/endpoint 400 kube-apiserver",
  ]);
}

/** k0s is stopped. An empty datastore, or that of somebody else, never replaces that of the cluster. */
export async function refuseOther(machine: TestMachine, storage: object, says: string): Promise<void> {
  await writeClusterConfig(machine, { storage });
  const { code, stdout, stderr } = await machine.exec(["timeout", "200", "k0s", "controller", ...bare]);
  expect([code, `${stdout}${stderr}`]).toEqual([1, expect.stringContaining(says)]);
  expect((await machine.exec(["pgrep", "-f", "kube-apiserver"])).code).toBe(1);
}

/** Settings that hold the password s3cretX: each is refused at once, with the text, without the password. */
export async function expectRefused(
  machine: TestMachine,
  cases: readonly (readonly [name: string, kine: object, text: string])[],
): Promise<void> {
  for (const [name, kine, text] of cases) {
    await writeClusterConfig(machine, { storage: { type: "kine", kine } });
    const { code, stderr, stdout } = await machine.exec(["timeout", "200", "k0s", "controller"]);
    const output = `${stdout}${stderr}`;
    expect([name, code, output]).toEqual([name, 1, expect.stringContaining(text)]);
    expect(output).not.toContain("s3cretX");
  }
}
