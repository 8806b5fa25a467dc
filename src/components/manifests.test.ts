// The manifests of the add-ons against files that a reader can diff.

import { describe, expect, test } from "bun:test";
import { configDefaultsFor } from "../config/cluster-config.ts";
import { clusterConfigSchema } from "../config/cluster-config.ts";
import type { KubeObject } from "../kube/types.ts";
import { coredns, corednsReplicas } from "./coredns/manifest.ts";
import { konnectivityAgent } from "./konnectivity/agent-manifest.ts";
import { metricsServer } from "./metrics-server/manifest.ts";
import { systemRbac } from "./system-rbac/manifest.ts";
import { workerConfig, workerConfigData, workerConfigStack } from "./worker-config/manifest.ts";
import { expectGolden } from "./testdata/golden-file.ts";

const node = { single: true, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.10" };
const config = configDefaultsFor(node);
const workerInput = {
  k0sVersion: "v1.37.2+k0s.0",
  apiServers: ["192.0.2.10:6443"],
  konnectivity: false,
  autopilot: false,
};

const balanced = clusterConfigSchema(node).parse({
  spec: { network: { nodeLocalLoadBalancing: { enabled: true } } },
});

const cached = clusterConfigSchema(node).parse({ spec: { network: { nodeLocalDNS: { enabled: true } } } });

const cases: Readonly<Record<string, readonly KubeObject[]>> = {
  "coredns-single": coredns({ config, nodeCount: 1 }),
  "coredns-15-nodes": coredns({ config, nodeCount: 15 }),
  "coredns-node-local": coredns({ config: cached, nodeCount: 1 }),
  "metrics-server": metricsServer({ config, nodeCount: 1 }),
  "konnectivity-agent": konnectivityAgent({ config, singleController: true }),
  "konnectivity-agent-balanced": konnectivityAgent({ config: balanced, singleController: false }),
  "system-rbac": systemRbac({ autopilot: true }),
  "worker-config": workerConfig({ config, ...workerInput }),
};

describe("manifests", () => {
  for (const [name, objects] of Object.entries(cases)) {
    test(`${name} is as in testdata`, () => expectGolden(name, objects));
  }
});

test("replicas of CoreDNS follow the nodes", () => {
  expect([0, 1, 2, 10, 11, 20, 21].map(corednsReplicas)).toEqual([1, 1, 2, 2, 3, 3, 4]);
});

test("a user profile is the default with its own values on top", () => {
  const values = { maxPods: 7, failSwapOn: true };
  const own = clusterConfigSchema(node).parse({ spec: { workerProfiles: [{ name: "big", values }] } });
  const data = workerConfigData({ config: own, ...workerInput }, "big");
  expect(JSON.parse(data?.["kubeletConfiguration"] ?? "")).toMatchObject({
    ...values,
    clusterDNS: ["10.96.0.10"],
  });
  expect(workerConfigData({ config: own, ...workerInput }, "none")).toBeUndefined();
  const names = workerConfig({ config: own, ...workerInput }).map((object) => object.metadata.name);
  expect(names).toContain("worker-config-big-1.37");
  expect(workerConfigStack("v1.37.2+k0s.0")).toBe("k0s-worker-config-1.37");
});

test("clusterDomain is the zone of CoreDNS and what pods look names up in", () => {
  const own = clusterConfigSchema(node).parse({ spec: { network: { clusterDomain: "own.example" } } });
  const corefile = coredns({ config: own, nodeCount: 1 }).find(({ kind }) => kind === "ConfigMap");
  expect(JSON.stringify(corefile)).toContain("kubernetes own.example in-addr.arpa");
  const data = workerConfigData({ config: own, ...workerInput }, "default");
  expect(JSON.parse(data?.["kubeletConfiguration"] ?? "")).toMatchObject({ clusterDomain: "own.example" });
});
