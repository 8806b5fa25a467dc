// The files in which a service manager without a journal has kept what k0s printed. They lie where everybody's logs do, under
// names that upstream's k0s uses, too: k0s' are those that begin with its own line.

import { lstat } from "node:fs/promises";
import { openRegularFile } from "../../os/regular-file.ts";
import { isNotFound } from "../../std/errors.ts";
import { serviceLogMark } from "../service/log-files.ts";
import type { InstalledService } from "../service/installed.ts";
import { authorship } from "../service/signature.ts";

export interface ServiceLogs {
  /** Of the service that is removed: they have nothing but what it wrote. */
  readonly ours: readonly string[];
  readonly stays: readonly string[];
}

/** `files`: every name that a definition of k0s gives. `service`: the one that is removed. */
export async function observeServiceLogs(
  service: InstalledService | undefined,
  program: string,
  files: readonly string[],
): Promise<ServiceLogs> {
  const written = service?.init.logs?.(service.name, program) ?? [];
  const asWritten = service !== undefined && authorship(service.text) === "ours";
  const ours: string[] = [];
  const stays: string[] = [];
  for (const path of files) {
    const kind = await kindOf(path);
    // One that is empty proves nothing: the definition must say that it is this one.
    const proven = kind === "k0s'" || (kind === "empty" && asWritten);
    if (proven && written.includes(path)) ours.push(path);
    else if (kind === "k0s'") stays.push(`${path} (a log of k0s; no service of this installation writes it)`);
    else if (kind === "another's" && written.includes(path))
      stays.push(`${path} (the log of the service; it does not begin with k0s' own line)`);
  }
  return { ours, stays };
}

/** What is in front of k0s' first line was there before. */
async function kindOf(path: string): Promise<"k0s'" | "empty" | "another's" | "none"> {
  try {
    if (!(await lstat(path)).isFile()) return "another's";
  } catch (err) {
    if (isNotFound(err)) return "none";
    throw err;
  }
  const file = await openRegularFile(path);
  if (file === undefined) return "none";
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(firstLineBytes), 0, firstLineBytes, 0);
    if (bytesRead === 0) return "empty";
    const [first = ""] = buffer.toString("utf8", 0, bytesRead).split("\n", 1);
    return first.includes(serviceLogMark) ? "k0s'" : "another's";
  } finally {
    await file.close();
  }
}

const firstLineBytes = 512;
