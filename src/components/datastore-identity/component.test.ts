import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseClusterConfig } from "../../config/load.ts";
import { configDefaultsFor } from "../../config/cluster-config.ts";
import { nodePaths } from "../../product/paths.ts";
import { writeClusterFacts } from "../controller-join/cluster-facts.ts";
import { UserError } from "../../std/errors.ts";
import { silentLog } from "../../deployer/testdata/silent-log.ts";
import { assertDatabaseThere } from "../kine/database-file.ts";
import { assertSameCluster, datastoreIdentity, namespaceKey } from "./component.ts";

const uid = "0f3c2a9e-1b2c-4d5e-8f90-a1b2c3d4e5f6";
const other = "11111111-2222-4333-8444-555555555555";
const facts = {
  podCIDR: "10.244.0.0/16",
  serviceCIDR: "10.96.0.0/12",
  clusterDomain: "cluster.local",
  networkProvider: "calico",
  storage: "kine sqlite",
};
/** As kube-apiserver encodes it, roughly: text between bytes that are none. */
const stored = (id: string): Buffer =>
  Buffer.concat([Buffer.from("k8s\0\n\x0f\xff", "latin1"), Buffer.from(`kube-system*$${id}2\0`)]);
const signal = AbortSignal.timeout(60_000);

const defaults = configDefaultsFor({ single: false, dataDir: "/var/lib/k0s", publicAddress: "10.0.0.1" });

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "k0s-identity-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** The end of the component's readiness: an error's text, or undefined. */
async function outcome(read: () => Promise<Uint8Array | undefined>): Promise<string | undefined> {
  const node = {
    paths: nodePaths({ dataDir: dir }),
    log: silentLog,
    config: defaults,
  };
  const component = datastoreIdentity(node, { what: "the database", after: { name: "kine" }, read });
  return component.ready?.(signal).then(
    () => undefined,
    (err: unknown) => (err instanceof UserError ? err.message : `no UserError: ${String(err)}`),
  );
}

test("a first start, and one after an older version, asks nothing", async () => {
  const never = (): Promise<undefined> => Promise.reject(new Error("was asked"));
  expect(await outcome(never)).toBeUndefined();
  await writeClusterFacts(dir, facts);
  expect(await outcome(never)).toBeUndefined();
});

test("the datastore of this cluster passes, as soon as it answers", async () => {
  await writeClusterFacts(dir, { ...facts, clusterUid: uid });
  let asked = 0;
  const read = async (): Promise<Buffer> => {
    asked += 1;
    if (asked === 1) throw new Error("connection refused");
    return stored(uid);
  };
  expect(await outcome(read)).toBeUndefined();
  expect(asked).toBe(2);
});

test("an empty datastore and one of another cluster are refused before anything serves from them", async () => {
  await writeClusterFacts(dir, { ...facts, clusterUid: uid });
  expect(await outcome(async () => undefined)).toBe(
    "the database holds nothing of the cluster that this controller belongs to",
  );
  expect(await outcome(async () => stored(other))).toContain(`the database holds another cluster (${other})`);
});

test("a datastore that was emptied or exchanged later is unwell; one that does not answer is not judged", async () => {
  await writeClusterFacts(dir, { ...facts, clusterUid: uid });
  let read: () => Promise<Uint8Array | undefined> = async () => stored(uid);
  const node = { paths: nodePaths({ dataDir: dir }), log: silentLog, config: defaults };
  const component = datastoreIdentity(node, {
    what: "the database",
    after: { name: "kine" },
    read: () => read(),
  });
  const health = (): Promise<string> | undefined =>
    component.health?.(signal).then(
      () => "well",
      (err: Error) => err.message,
    );
  expect(await health()).toBe("well");
  read = async () => undefined;
  expect(await health()).toBe("the database holds nothing of the cluster that this controller belongs to");
  read = async () => stored(other);
  expect(await health()).toContain(`the database holds another cluster (${other})`);
  read = () => Promise.reject(new Error("connection refused"));
  expect(await health()).toBe("well");
  read = () => new Promise(() => undefined);
  const askedAt = performance.now();
  expect(await health()).toBe("well");
  // The prober waits for five seconds.
  expect(performance.now() - askedAt).toBeLessThan(4_500);
});

test("an object that cannot be read, e.g. an encrypted one, is no reason to refuse", () => {
  const sealed = Buffer.from("k8s:enc:aescbc:v1:key1:\x01\x02");
  expect(() => assertSameCluster({ noted: uid, stored: sealed, what: "it", dataDir: dir })).not.toThrow();
});

test("the key follows kube-apiserver's prefix, with or without slashes", () => {
  expect(namespaceKey("/registry")).toBe("/registry/namespaces/kube-system");
  expect(namespaceKey("k0s/a/")).toBe("/k0s/a/namespaces/kube-system");
  expect(namespaceKey("a//b")).toBe("/a/b/namespaces/kube-system");
  expect([namespaceKey("/"), namespaceKey("")]).toEqual(Array(2).fill("/namespaces/kube-system"));
});

test("a database file that is gone is missed once there was a cluster", async () => {
  const node = { single: false, dataDir: dir, publicAddress: "10.0.0.1" };
  const dataSource = `sqlite://${dir}/db/state.db?mode=rwc`;
  const { config } = parseClusterConfig(
    `spec: {storage: {type: kine, kine: {dataSource: '${dataSource}'}}}`,
    node,
  );
  await assertDatabaseThere(dir, config);
  await writeClusterFacts(dir, facts);
  expect(await assertDatabaseThere(dir, config).catch((err: Error) => err.message)).toBe(
    `the database of this cluster is gone: there is no ${dir}/db/state.db`,
  );
  writeFileSync(join(dir, "state.db"), "");
  const there = dataSource.replace("/db/", "/");
  const moved = parseClusterConfig(
    `spec: {storage: {type: kine, kine: {dataSource: '${there}'}}}`,
    node,
  ).config;
  await assertDatabaseThere(dir, moved);
});
