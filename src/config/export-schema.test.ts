// The checked-in schemas are current. UPDATE_GOLDEN=1 writes them again.

import { expect, test } from "bun:test";
import { join } from "node:path";
import { dumpYaml } from "../std/yaml.ts";
import { clusterConfigCrd, clusterConfigJsonSchema } from "./export-schema.ts";

const files: [string, () => string][] = [
  ["clusterconfig.schema.json", () => `${JSON.stringify(clusterConfigJsonSchema(), null, 2)}\n`],
  ["clusterconfig.crd.yaml", () => dumpYaml(clusterConfigCrd(), { sortKeys: true })],
];

test.each(files)("%s", async (name, render) => {
  const file = join(import.meta.dir, "testdata", name);
  const text = render();
  if (process.env["UPDATE_GOLDEN"] !== undefined) await Bun.write(file, text);
  expect(await Bun.file(file).text()).toBe(text);
});

test("the CRD's schema is structural: every node has one type, nothing is both open and closed", () => {
  const visit = (node: Record<string, unknown>, path: string): void => {
    const open =
      node["x-kubernetes-int-or-string"] === true || node["x-kubernetes-preserve-unknown-fields"] === true;
    if (!open && typeof node["type"] !== "string") throw new Error(`${path} has no type`);
    for (const refused of ["anyOf", "$schema", "$ref", "const", "exclusiveMinimum"])
      expect(node).not.toHaveProperty([refused]);
    expect("properties" in node && "additionalProperties" in node).toBe(false);
    const children = {
      ...(node["properties"] as object),
      items: node["items"],
      more: node["additionalProperties"],
    };
    for (const [key, child] of Object.entries(children)) {
      if (typeof child === "object" && child !== null)
        visit(child as Record<string, unknown>, `${path}.${key}`);
    }
  };
  const { spec } = clusterConfigCrd() as {
    spec: { versions: [{ schema: { openAPIV3Schema: Record<string, unknown> } }] };
  };
  visit(spec.versions[0].schema.openAPIV3Schema, "root");
});
