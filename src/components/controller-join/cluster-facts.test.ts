import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseClusterConfig } from "../../config/load.ts";
import type { UserError } from "../../std/errors.ts";
import {
  assertSameFacts,
  changedFacts,
  clusterFactsKeeper,
  clusterFactsPath,
  lastingFactsOf,
  readClusterFacts,
  writeClusterFacts,
} from "./cluster-facts.ts";

const facts = {
  podCIDR: "10.244.0.0/16",
  serviceCIDR: "10.96.0.0/12",
  clusterDomain: "cluster.local",
  networkProvider: "calico",
  storage: "etcd",
};

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "k0s-facts-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

test("what cannot change is named with both values", () => {
  expect(changedFacts(facts, { ...facts, serviceCIDR: "10.112.0.0/12", storage: "kine sqlite" })).toEqual([
    "spec.network.serviceCIDR was 10.96.0.0/12, now it is 10.112.0.0/12",
    "spec.storage was etcd, now it is kine sqlite",
  ]);
});

test("a second family may come and go, and a provider may be replaced by its operator", () => {
  const dual = { ...facts, podCIDR: "10.244.0.0/16,fd00::/108", serviceCIDR: "10.96.0.0/12,fd01::/108" };
  expect(changedFacts(facts, dual)).toEqual([]);
  expect(changedFacts(dual, { ...facts, networkProvider: "custom" })).toEqual([]);
  const postgres = { ...facts, storage: "kine postgres" };
  expect(changedFacts(postgres, { ...facts, storage: "kine postgresql" })).toEqual([]);
});

test("k0s' own etcd and another one are two datastores", () => {
  const node = { single: false, dataDir: "/d", publicAddress: "10.0.0.1" };
  const external = "externalCluster: {endpoints: ['https://10.0.0.9:2379'], etcdPrefix: k}";
  const [own, other] = ["", external].map((etcd) =>
    lastingFactsOf(parseClusterConfig(`spec: {storage: {etcd: {${etcd}}}}`, node).config),
  );
  expect(changedFacts(own!, other!)).toEqual(["spec.storage was etcd, now it is external etcd"]);
  expect(changedFacts(other!, own!)).toHaveLength(1);
  expect(changedFacts(other!, other!)).toEqual([]);
});

test("a host that was never part of a cluster may become one of any", async () => {
  await assertSameFacts(dir, facts);
  await writeClusterFacts(dir, facts);
  await assertSameFacts(dir, facts);
  const other = assertSameFacts(dir, { ...facts, clusterDomain: "example.org" });
  expect(await other.catch((err: Error) => err.message)).toContain(
    "spec.network.clusterDomain was cluster.local",
  );
});

test("a single node that is started without its flag is told of it", async () => {
  await writeClusterFacts(dir, { ...facts, storage: "kine sqlite" });
  const hint = async (storage: string): Promise<string | undefined> =>
    assertSameFacts(dir, { ...facts, storage }).then(
      () => undefined,
      (err: UserError) => err.hint,
    );
  expect(await hint("etcd")).toContain("give --single again");
  expect(await hint("kine mysql")).not.toContain("--single");
});

test("a note that says nothing is not taken for none", async () => {
  writeFileSync(clusterFactsPath(dir), "{}");
  expect(await assertSameFacts(dir, facts).catch((err: Error) => err.message)).toContain(
    "cannot be understood",
  );
});

test("the cluster's uid is noted when the API shows it, and kept by a start that has not seen it", async () => {
  let asked = 0;
  const client = async () => ({
    find: async () => {
      asked += 1;
      return asked === 1 ? undefined : { metadata: { name: "kube-system", uid: "u-1" } };
    },
  });
  const keeper = clusterFactsKeeper({ dataDir: dir, facts, client: client as never });
  const { signal } = new AbortController();
  await keeper.start(signal);
  expect(await readClusterFacts(dir)).toEqual(facts);
  await keeper.ready?.(signal);
  expect(await readClusterFacts(dir)).toEqual({ ...facts, clusterUid: "u-1" });
  await keeper.start(signal);
  expect(await readClusterFacts(dir)).toEqual({ ...facts, clusterUid: "u-1" });
});
