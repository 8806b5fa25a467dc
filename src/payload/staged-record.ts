// What the launcher notes beside the files of a part once they are in place, and whether that is still true.

import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { linkTarget } from "../os/files.ts";
import { errno, isNotFound } from "../std/errors.ts";
import { parsedJson } from "../std/json.ts";
import type { PayloadPart } from "./index-schema.ts";
import { namesIn } from "../os/names-in.ts";

const recordSchema = z.object({
  part: z.string(),
  sha256: z.string(),
  /** Where it was unpacked to: executables that bring their loader contain this path. */
  dir: z.string(),
  files: z.array(z.object({ path: z.string(), size: z.number(), mtimeNs: z.string() })),
});

export type StagedRecord = z.output<typeof recordSchema>;

const recordName = /^\.part-(.+)\.json$/;

export function isRecordName(name: string): boolean {
  return recordName.test(name);
}

/** Records of all parts in a directory, by name of the part. An unreadable record counts as none. */
export async function readRecords(dir: string): Promise<ReadonlyMap<string, StagedRecord>> {
  const records = new Map<string, StagedRecord>();
  for (const entry of await namesIn(dir)) {
    if (!recordName.test(entry)) continue;
    const parsed = recordSchema.safeParse(parsedJson(await readFile(join(dir, entry), "utf8")));
    if (parsed.success) records.set(parsed.data.part, parsed.data);
  }
  return records;
}

/** Whether the files of the record are in place, untouched since, and the links of the part point to them. */
export async function isIntact(dir: string, record: StagedRecord, part: PayloadPart): Promise<boolean> {
  const checks = [
    ...record.files.map((file) => fileMatches(join(dir, file.path), file)),
    ...part.links.map((link) => linkTarget(join(dir, link.path)).then((target) => target === link.target)),
  ];
  return (await Promise.all(checks)).every(Boolean);
}

/** The file is exactly the one that was put there. */
export async function fileMatches(path: string, file: StagedRecord["files"][number]): Promise<boolean> {
  try {
    const info = await lstat(path, { bigint: true });
    return info.isFile() && info.size === BigInt(file.size) && info.mtimeNs.toString() === file.mtimeNs;
  } catch (err) {
    if (isNotFound(err) || errno(err) === "ENOTDIR") return false;
    throw err;
  }
}
