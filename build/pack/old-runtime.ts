// For tests of the launcher: a runtime of another version, as launchers leave it.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What an earlier launcher has left below `root`; `changes` of its record make it something else. */
export async function stagedRuntime(root: string, name: string, changes: object = {}): Promise<void> {
  const at = join(root, name);
  await mkdir(at, { recursive: true });
  await writeFile(join(at, "runtime"), "old");
  const files = [{ path: "runtime", size: 3, mtimeNs: "1" }];
  const record = { part: "runtime", sha256: name, dir: at, files, ...changes };
  await writeFile(join(at, ".part-runtime.json"), `${JSON.stringify(record)}\n`);
}
