// What was last done for a member's database, for `k0s etcd status`: <run>/etcd-maintenance.json.

import { join } from "node:path";
import * as z from "zod";
import { readFileIfExists, writeFileAtomic } from "../../../os/files.ts";

const schema = z.object({
  at: z.iso.datetime(),
  /** What made it necessary. */
  reason: z.enum(["wasted-space", "quota"]),
  bytesBefore: z.number(),
  bytesAfter: z.number(),
  tookMs: z.number(),
});
export type MaintenanceRecord = z.infer<typeof schema>;

export async function readMaintenanceRecord(runDir: string): Promise<MaintenanceRecord | undefined> {
  const text = await readFileIfExists(pathIn(runDir));
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}

export async function writeMaintenanceRecord(runDir: string, record: MaintenanceRecord): Promise<void> {
  await writeFileAtomic(pathIn(runDir), `${JSON.stringify(record)}\n`);
}

function pathIn(runDir: string): string {
  return join(runDir, "etcd-maintenance.json");
}
