// Objects and texts against files of testdata/ that a reader can diff. UPDATE_GOLDEN=1 writes them again.

import { expect } from "bun:test";
import { join } from "node:path";
import { dumpYamlDocuments } from "../../std/yaml.ts";
import type { KubeObject } from "../../kube/types.ts";

export const updatesGolden = process.env["UPDATE_GOLDEN"] !== undefined;

export async function expectGolden(name: string, objects: readonly KubeObject[]): Promise<void> {
  await expectGoldenText(join(import.meta.dir, `${name}.yaml`), dumpYamlDocuments(objects));
}

export async function expectGoldenText(path: string, text: string): Promise<void> {
  const file = Bun.file(path);
  if (updatesGolden) await Bun.write(file, text);
  expect(text).toBe(await file.text());
}
