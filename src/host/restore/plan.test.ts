import { describe, expect, test } from "bun:test";
import { parseClusterConfig } from "../../config/load.ts";
import { datastoreToSave } from "../backup/datastore.ts";
import { assertNoOtherCluster, datastoreToRestore } from "./plan.ts";

const node = { dataDir: "/var/lib/k0s", name: "n1" };

function configOf(storage: string, single = false) {
  const text = `apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\nspec: {storage: ${storage}}\n`;
  const defaults = { single, dataDir: node.dataDir, publicAddress: "10.0.0.7", clusterExists: true };
  return parseClusterConfig(text, defaults).config;
}

const external = `{type: etcd, etcd: {externalCluster: {endpoints: ["https://10.0.0.9:2379"], etcdPrefix: p}}}`;
const postgres = `{type: kine, kine: {dataSource: "postgres://u:p@h/db"}}`;

describe("what is saved", () => {
  test.each([
    ["{}", { kind: "etcd" }],
    ["{type: kine}", { kind: "sqlite", file: "/var/lib/k0s/db/state.db" }],
    [`{type: kine, kine: {dataSource: "sqlite:///srv/x.db"}}`, { kind: "sqlite", file: "/srv/x.db" }],
  ])("%s", (storage, expected) => {
    expect(datastoreToSave(configOf(storage), node.dataDir)).toEqual(expected as never);
  });

  test("an external datastore is refused, as upstream refuses an etcd", () => {
    expect(() => datastoreToSave(configOf(external), node.dataDir)).toThrow(
      "command 'k0s backup' does not support external etcd cluster",
    );
    expect(() => datastoreToSave(configOf(postgres), node.dataDir)).toThrow("external database");
  });
});

describe("what is restored", () => {
  const restored = (storage: string, ...names: readonly string[]) =>
    datastoreToRestore({ files: new Set(names) }, configOf(storage), node);

  test("etcd, as the member that this host will be", () => {
    expect(restored("{}", "etcd-snapshot.db")).toEqual({
      kind: "etcd",
      name: "n1",
      peerUrls: ["https://10.0.0.7:2380"],
    });
    const named = `{type: etcd, etcd: {peerAddress: 10.0.0.8, extraArgs: {name: m}}}`;
    expect(restored(named, "etcd-snapshot.db")).toMatchObject({
      name: "m",
      peerUrls: ["https://10.0.0.8:2380"],
    });
  });

  test("an archive of upstream's with a database elsewhere has none", () => {
    expect(restored(postgres)).toEqual({ kind: "elsewhere" });
  });

  const mismatches: readonly (readonly [string, readonly string[]])[] = [
    ["{}", []],
    ["{}", ["kine-state-backup.db"]],
    ["{type: kine}", ["etcd-snapshot.db"]],
    [postgres, ["kine-state-backup.db"]],
    [external, ["etcd-snapshot.db"]],
  ];
  test.each(mismatches)("%s does not go with %s", (storage, names) => {
    expect(() => restored(storage, ...names)).toThrow("the configuration in the archive");
  });
});

test("a cluster that is there is not replaced; the rest of the same one is", () => {
  const check = (datastore: string | undefined, ca: string | undefined) => () =>
    assertNoOtherCluster({ datastore, ca }, "A\n", "/d");
  expect(check("/d/etcd/member", undefined)).toThrow("/d/etcd/member");
  expect(check(undefined, "B")).toThrow("another cluster");
  expect(check(undefined, "A")).not.toThrow();
  expect(check(undefined, undefined)).not.toThrow();
});
