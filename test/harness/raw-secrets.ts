// What the datastore has under /registry/secrets, as it lies there, and whether a text is anywhere in its files.

import { Database } from "bun:sqlite";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestMachine } from "./test-machine.ts";

/** Key → value. */
export type RawSecrets = ReadonlyMap<string, Buffer>;

/** Begins every value that is encrypted with a key of that name. */
export function encryptedWith(key: string): string {
  return `k8s:enc:secretbox:v1:${key}:`;
}

/** Of kine's SQLite, from a copy. */
export async function rawSecretsOfSqlite(
  machine: TestMachine,
  dataDir = "/var/lib/k0s",
): Promise<RawSecrets> {
  const dir = await mkdtemp(join(tmpdir(), "k0s-raw-"));
  try {
    const database = join(dir, "state.db");
    for (const suffix of ["", "-wal"]) {
      const { code, stdout } = await machine.exec(["base64", `${dataDir}/db/state.db${suffix}`]);
      if (code === 0) await writeFile(`${database}${suffix}`, Buffer.from(stdout, "base64"));
    }
    using opened = new Database(database);
    const rows = opened
      .query("select name, value from kine where deleted = 0 and name like '/registry/secrets/%' order by id")
      .all() as { name: string; value: Uint8Array }[];
    return new Map(rows.map(({ name, value }) => [name, Buffer.from(value)]));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Of etcd, by its gateway. */
export async function rawSecretsOfEtcd(machine: TestMachine, dataDir = "/var/lib/k0s"): Promise<RawSecrets> {
  const pem = (name: string): Promise<string> => machine.readFile(`${dataDir}/pki/${name}`);
  const input = JSON.stringify({
    ca: await pem("etcd/ca.crt"),
    cert: await pem("apiserver-etcd-client.crt"),
    key: await pem("apiserver-etcd-client.key"),
  });
  const main = join(import.meta.dir, "raw-secrets-main.ts");
  const child = Bun.spawn(["nsenter", `--net=${machine.networkNamespace()}`, process.execPath, main], {
    stdio: [Buffer.from(input), "pipe", "inherit"],
  });
  const [text, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  if (code !== 0) throw new Error(`reading etcd ended with code ${code}`);
  const pairs = JSON.parse(text) as [string, string][];
  return new Map(pairs.map(([key, value]) => [key, Buffer.from(value, "base64")]));
}

/** Files of the datastore in which the text is, wherever in them. */
export async function filesWith(machine: TestMachine, text: string, dir: string): Promise<string> {
  const { code, stdout } = await machine.exec(["grep", "-rlaF", text, dir]);
  if (code > 1) throw new Error(`grep ended with code ${code}`);
  return stdout;
}
