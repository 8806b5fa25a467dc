import { expect, test } from "bun:test";
import { type Arbitrary, assert, nat, property, record } from "fast-check";
import { clusterNetworkFields, clusterSections } from "./changing-fields.ts";
import { type ClusterConfig, clusterConfigSchema, configDefaultsFor } from "./cluster-config.ts";
import { clusterConfigJsonSchema } from "./export-schema.ts";
import { nodeNetworkFields, nodeSections } from "./fixed-fields.ts";
import { joinConfig, splitConfig } from "./split.ts";

const anyNode = { single: false, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.1" };

/** Names of the fields at a place of the schema, optional ones too. */
function fieldsAt(...path: readonly string[]): string[] {
  let schema: unknown = clusterConfigJsonSchema();
  for (const name of path) schema = Object(Object(schema)["properties"])[name];
  return Object.keys(Object(Object(schema)["properties"]));
}

const sections = fieldsAt("spec").filter((name) => name !== "network");
const networkFields = fieldsAt("spec", "network");

const some = { requiredKeys: [] };

/** Splitting looks at names alone, so anything may stand there, or nothing. */
const anyConfig: Arbitrary<ClusterConfig> = record(
  {
    metadata: nat(),
    status: nat(),
    spec: record({ ...anythingIn(sections), network: record(anythingIn(networkFields), some) }),
  },
  { requiredKeys: ["spec"] },
).map((document) => document as unknown as ClusterConfig);

function anythingIn(names: readonly string[]): Record<string, Arbitrary<unknown>> {
  return Object.fromEntries(names.map((name) => [name, nat()]));
}

test("joining what was split gives the same configuration", () => {
  assert(
    property(anyConfig, (config) => {
      expect(joinConfig(splitConfig(config))).toStrictEqual(config);
    }),
  );
});

test("what was joined is split into the same parts, whichever configurations they come from", () => {
  assert(
    property(anyConfig, anyConfig, (one, other) => {
      const parts = { node: splitConfig(one).node, cluster: splitConfig(other).cluster };
      expect(splitConfig(joinConfig(parts))).toStrictEqual(parts);
    }),
  );
});

test("every field of the schema is in exactly one part", () => {
  expect([...Object.keys(nodeSections), ...Object.keys(clusterSections)].toSorted()).toEqual(
    sections.toSorted(),
  );
  const network = [...Object.keys(nodeNetworkFields), ...Object.keys(clusterNetworkFields)];
  expect(network.toSorted()).toEqual(networkFields.toSorted());
});

test("a changed part of the cluster leaves this controller's own alone", () => {
  const own = configDefaultsFor(anyNode);
  const changed = clusterConfigSchema({ ...anyNode, publicAddress: "192.0.2.2" }).parse({
    spec: { api: { port: 7443 }, network: { podCIDR: "10.9.0.0/16", calico: { mtu: 1300 } } },
  });
  const joined = joinConfig({ node: splitConfig(own).node, cluster: splitConfig(changed).cluster });
  expect(joined.spec.api).toEqual(own.spec.api);
  expect(joined.spec.network.podCIDR).toBe(own.spec.network.podCIDR);
  expect(joined.spec.network.calico.mtu).toBe(1300);
});
