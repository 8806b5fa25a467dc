// The schema of ClusterConfig for others: a JSON Schema for editors and a CRD for the API server. Both are checked in
// beside this file. Structural schemas: KEP-2335. Upstream: static/manifests/k0s/CustomResourceDefinition.

import * as z from "zod";
import { clusterConfigSchema } from "./cluster-config.ts";

type Json = Record<string, unknown>;

/** Stand-ins for what depends on the host; they are removed from the result. */
const anyNode = { single: false, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.1" };

/** JSON Schema of a configuration file. */
export function clusterConfigJsonSchema(): Json {
  const schema = z.toJSONSchema(clusterConfigSchema(anyNode), { target: "draft-07", io: "input" });
  return { ...withoutHostDefaults(schema), title: "k0s ClusterConfig" };
}

/** CustomResourceDefinition of the object `kube-system/k0s`. */
export function clusterConfigCrd(): Json {
  const schema = z.toJSONSchema(clusterConfigSchema(anyNode), { target: "openapi-3.0", io: "input" });
  const root = structural(withoutHostDefaults(schema));
  const { spec } = asJson(root["properties"]);
  const properties = {
    apiVersion: { type: "string" },
    kind: { type: "string" },
    metadata: { type: "object" },
    spec,
    status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  };
  const [group, version] = ["k0s.k0sproject.io", "v1beta1"];
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `clusterconfigs.${group}` },
    spec: {
      group,
      names: {
        kind: "ClusterConfig",
        listKind: "ClusterConfigList",
        plural: "clusterconfigs",
        singular: "clusterconfig",
      },
      scope: "Namespaced",
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: "object", properties } },
        },
      ],
    },
  };
}

/**
 * Defaults that are the host's or this release's are not part of the schema: a stored object would keep them for ever.
 * Nor are those of whole sections: fields have their own.
 */
function withoutHostDefaults(node: Json): Json {
  return transform(node, (schema) => {
    const { default: value, properties } = schema;
    const dropped = value === anyNode.publicAddress || isJson(value);
    const bare = dropped ? without(schema, "default") : schema;
    return isJson(properties) && isImage(properties)
      ? { ...bare, properties: withoutDefaults(properties) }
      : bare;
  });
}

function isImage(properties: Json): boolean {
  return Object.keys(properties).toSorted().join() === "image,version";
}

function withoutDefaults(properties: Json): Json {
  const bare = Object.entries(properties).map(([key, child]) => [key, without(asJson(child), "default")]);
  return Object.fromEntries(bare);
}

/** What the API server demands of a schema, and nothing that it refuses. */
function structural(node: Json): Json {
  return transform(node, (schema) => {
    const { $schema: _dialect, additionalProperties, anyOf, ...rest } = schema;
    if (anyOf !== undefined) return { ...without(rest, "type"), "x-kubernetes-int-or-string": true };
    if (additionalProperties === undefined || additionalProperties === false) return rest;
    const free = isJson(additionalProperties) && Object.keys(additionalProperties).length === 0;
    return free
      ? { ...rest, "x-kubernetes-preserve-unknown-fields": true }
      : { ...rest, additionalProperties };
  });
}

/** Rewrites every schema node, children first; only where a schema stands, never within a map of properties. */
function transform(node: Json, rewrite: (schema: Json) => Json): Json {
  const copy: Json = { ...node };
  if (isJson(copy["properties"])) {
    const properties = Object.entries(copy["properties"]);
    copy["properties"] = Object.fromEntries(
      properties.map(([key, child]) => [key, transform(asJson(child), rewrite)]),
    );
  }
  for (const key of ["items", "additionalProperties"]) {
    if (isJson(copy[key])) copy[key] = transform(copy[key], rewrite);
  }
  return rewrite(copy);
}

function without(schema: Json, key: string): Json {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key));
}

function asJson(value: unknown): Json {
  return isJson(value) ? value : {};
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
