import { expect, test } from "bun:test";
import { type ClusterConfig, clusterConfigSchema } from "../../config/cluster-config.ts";
import { errorMessage } from "../../std/errors.ts";
import { clusterConfigObject, forNextStart, readClusterConfig } from "./object.ts";

const defaults = { single: false, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.1" };
const schema = clusterConfigSchema(defaults);
const own: ClusterConfig = schema.parse({
  spec: {
    api: { sans: ["api.example"], extraArgs: { v: "2" } },
    network: { provider: "kuberouter", podCIDR: "10.9.0.0/16", serviceCIDR: "10.10.0.0/16" },
    scheduler: { extraArgs: { v: "3" } },
  },
});
const read = (spec: unknown): ClusterConfig =>
  readClusterConfig({ spec }, own, { defaults, rules: [], gates: {} });
const refusal = (spec: unknown): string => {
  try {
    read(spec);
  } catch (err) {
    return errorMessage(err);
  }
  return "";
};

test("the object has the part of the cluster, without defaults", () => {
  expect(clusterConfigObject(own, defaults)).toEqual({
    apiVersion: "k0s.k0sproject.io/v1beta1",
    kind: "ClusterConfig",
    metadata: { name: "k0s", namespace: "kube-system" },
    spec: {
      scheduler: { extraArgs: { v: "3" } },
      network: { provider: "kuberouter", podCIDR: "10.9.0.0/16" },
    },
  });
});

test("what was made of a file reads back as the same configuration", () => {
  expect(read(clusterConfigObject(own, defaults).spec)).toEqual(own);
});

test("a controller's own part is its own, whatever defaults the API server adds", () => {
  const found = read({
    scheduler: { extraArgs: { v: "4" } },
    network: {
      provider: "kuberouter",
      podCIDR: "10.9.0.0/16",
      serviceCIDR: "10.96.0.0/12",
      clusterDomain: "cluster.local",
    },
  });
  expect(found.spec.scheduler.extraArgs).toEqual({ v: "4" });
  expect(found.spec.network.serviceCIDR).toBe("10.10.0.0/16");
  expect(found.spec.api).toEqual(own.spec.api);
});

test("what the cluster was made with is refused, with its path", () => {
  expect(refusal({ network: { provider: "calico", podCIDR: "10.9.0.0/16" } })).toBe(
    "cannot change CNI provider from kuberouter to calico",
  );
  expect(refusal({ network: { provider: "kuberouter", podCIDR: "10.244.0.0/16" } })).toStartWith(
    "spec.network.podCIDR cannot change: ",
  );
  expect(refusal({ network: { clusterDomain: "other.example" } })).toStartWith(
    "spec.network.clusterDomain cannot change: ",
  );
  expect(refusal({ api: { port: 7443 } })).toStartWith("spec.api.port cannot change: ");
});

test("what a controller follows in its own file is not taken from the object, and not passed over", () => {
  expect(refusal({ api: { extraArgs: { v: "4" } } })).toStartWith("spec.api.extraArgs.v cannot change: ");
  expect(refusal({ api: { rawArgs: ["--v=4"] } })).toStartWith("spec.api.rawArgs cannot change: ");
  expect(read({ api: { extraArgs: { v: "2" } } })).toEqual(read({}));
});

test("a field that is wrong is named", () => {
  expect(refusal({ network: { podCIDR: "nonsense" } })).toStartWith("spec.network.podCIDR: ");
  expect(refusal({ scheduler: { extraArg: {} } })).toContain("spec.scheduler.extraArg");
});

test("what counts from the next start is for it, with all the rest, unless something else cannot change", () => {
  const network = { provider: "kuberouter", podCIDR: "10.9.0.0/16" };
  const asked = read({ network: { ...network, nodeLocalLoadBalancing: { enabled: true } }, scheduler: {} });
  expect(forNextStart(own, asked)).toBe(asked);
  expect(forNextStart(own, read({ network, scheduler: { extraArgs: { v: "9" } } }))).toBeUndefined();
  const other = {
    ...asked,
    spec: { ...asked.spec, network: { ...asked.spec.network, clusterDomain: "a.b" } },
  };
  expect(forNextStart(own, other)).toBeUndefined();
});
