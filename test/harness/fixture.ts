// Manifests that several tests apply.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

export function fixture(name: string): Promise<string> {
  return readFile(join(import.meta.dir, "fixtures", name), "utf8");
}
