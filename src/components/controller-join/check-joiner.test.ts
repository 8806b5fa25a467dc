import { expect, test } from "bun:test";
import { checkJoiner } from "./check-joiner.ts";

const cluster = {
  podCIDR: "10.244.0.0/16",
  serviceCIDR: "10.96.0.0/12",
  clusterDomain: "cluster.local",
  networkProvider: "calico",
  storage: "etcd",
};
const here = {
  version: "v1.37.2+k0s.0",
  cluster,
  controllers: [{ name: "c1", apiAddress: "10.0.0.1:6443" }],
};
const joiner = { name: "c2", version: "v1.37.2+k0s.0", apiAddress: "10.0.0.2:6443", cluster };

test.each([
  ["v1.37.2+k0s.0", undefined],
  ["v1.36.9+k0s.0", undefined],
  ["v1.38.0+k0s.0", undefined],
  ["v1.35.0+k0s.0", "join-version"],
  ["v1.39.0+k0s.0", "join-version"],
  ["v2.37.0+k0s.0", "join-version"],
  ["nonsense", "join-version"],
])("version %s", (version, code) => {
  expect(checkJoiner({ ...joiner, version }, here)?.code).toBe(code as string);
});

test("every difference of the configuration is named", () => {
  const other = { ...cluster, podCIDR: "10.1.0.0/16", clusterDomain: "example.org" };
  const refusal = checkJoiner({ ...joiner, cluster: other }, here);
  expect(refusal?.message).toContain(
    "spec.network.podCIDR is 10.1.0.0/16 here, 10.244.0.0/16 in the cluster",
  );
  expect(refusal?.message).toContain("spec.network.clusterDomain is example.org here");
});

test("two with one name do not fit, the same one coming back does", () => {
  expect(checkJoiner({ ...joiner, name: "c1" }, here)?.code).toBe("join-name");
  expect(checkJoiner({ ...joiner, name: "c1", apiAddress: "10.0.0.1:6443" }, here)).toBeUndefined();
});
