// FAT file systems as files, made without mounting anything: the partition that UEFI starts from.

import { dirname, join } from "node:path";
import { runCommand } from "../run-command.ts";

export interface FatFile {
  readonly path: string;
  readonly source: string;
}

export interface FatOptions {
  readonly label: string;
  readonly bytes: number;
}

/** Writes `target`. */
export async function makeFat(
  target: string,
  files: readonly FatFile[],
  { label, bytes }: FatOptions,
  signal?: AbortSignal,
): Promise<void> {
  const what = { what: `making the file system ${label}`, ...(signal === undefined ? {} : { signal }) };
  const kib = String(bytes / 1024);
  // The number of the file system is its date otherwise.
  await runCommand(["mkfs.vfat", "-C", "-n", label, "-i", "6b307301", "--invariant", target, kib], what);
  const folders = new Set(files.flatMap(({ path }) => parents(path)));
  for (const folder of folders) await runCommand(["mmd", "-i", target, `::${folder}`], what);
  for (const { path, source } of files) await runCommand(["mcopy", "-i", target, source, `::${path}`], what);
}

/** From the top down. */
function parents(path: string): readonly string[] {
  const dir = dirname(path);
  return dir === "." ? [] : [...parents(dir), join(dir)];
}
