// Gives back what only a start needs: garbage, what functions were compiled to, and pages of our own program that were read
// once. The kernel would take the latter when memory gets scarce; on a small host it should not come to that. What is needed
// again is read again.

import { readFile } from "node:fs/promises";
import { sleep } from "../std/wait.ts";
import { libc } from "./libc.ts";

/** Drops clean pages of the file; written ones are kept (or swapped), as are those of other processes. Linux 5.4. */
const madvPageOut = 21;

export async function trimMemory(): Promise<void> {
  // Code is dropped only while none runs, so at the end of this turn. What runs again is decoded from the program's file.
  Bun.shrink();
  await sleep(0);
  Bun.gc(true);
  const maps = await readFile("/proc/self/maps", "utf8");
  // Where the kernel does not know the advice, nothing happens.
  for (const { start, length } of mappingsOf(maps, process.execPath))
    libc().madvise(start, length, madvPageOut);
}

interface Mapping {
  readonly start: bigint;
  readonly length: bigint;
}

/** Where a program is mapped, from the text of /proc/PID/maps. */
export function mappingsOf(maps: string, program: string): readonly Mapping[] {
  return maps.split("\n").flatMap((line) => {
    const [, from, to, path] = /^([0-9a-f]+)-([0-9a-f]+) r[w-][x-]p \S+ \S+ \d+ +(.*)$/.exec(line) ?? [];
    if (path !== program) return [];
    const start = BigInt(`0x${from}`);
    return [{ start, length: BigInt(`0x${to}`) - start }];
  });
}
