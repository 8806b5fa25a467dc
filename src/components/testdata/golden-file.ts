// Objects against a file of testdata/ that a reader can diff. UPDATE_GOLDEN=1 writes it again.

import { expect } from "bun:test";
import { join } from "node:path";
import { dumpYamlDocuments } from "../../std/yaml.ts";
import type { KubeObject } from "../../kube/types.ts";

export async function expectGolden(name: string, objects: readonly KubeObject[]): Promise<void> {
  const file = Bun.file(join(import.meta.dir, `${name}.yaml`));
  const text = dumpYamlDocuments(objects);
  if (process.env["UPDATE_GOLDEN"] !== undefined) await Bun.write(file, text);
  expect(text).toBe(await file.text());
}
