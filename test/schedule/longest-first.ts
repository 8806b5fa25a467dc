// The order in which test files begin: what takes longest first, so that none is left over at the end. How long a file took
// is kept outside of the checkout, where a fresh clone finds it, too.

import { join } from "node:path";
import { cacheRoot } from "../../build/cache-root.ts";
import { ensureDir, readFileIfExists, writeFileAtomic } from "../../src/os/files.ts";

/** File → seconds. */
export type Times = Readonly<Record<string, number>>;

const kept = join(cacheRoot(), "test-times.json");
/** What bun's own runner keeps, of files that share its processes. */
export const timesOfBun = join(cacheRoot(), "unit-test-times.json");

/** Of one that nobody has measured here: not so short that it may be the last. */
const unknownSeconds = 120;

/** `slow` tells of files that take long where nothing is known, and of nothing else. */
export function longestFirst(
  files: readonly string[],
  times: Times,
  slow: (file: string) => boolean,
): string[] {
  const secondsOf = (file: string): number => times[file] ?? (slow(file) ? 10 : 1) * unknownSeconds;
  return files.toSorted((one, other) => secondsOf(other) - secondsOf(one));
}

/** Nothing of a file that another version wrote in another form: it is an order, not a result. */
export function readTimes(text: string): Times {
  const read: unknown = text === "" ? {} : JSON.parse(text);
  if (typeof read !== "object" || read === null) return {};
  return Object.fromEntries(
    Object.entries(read).filter((entry): entry is [string, number] => typeof entry[1] === "number"),
  );
}

export async function keptTimes(): Promise<Times> {
  return readTimes((await readFileIfExists(kept)) ?? "");
}

/** Beside what is kept of other files. */
export async function keepTimes(times: Times): Promise<void> {
  await ensureDir(cacheRoot());
  await writeFileAtomic(kept, `${JSON.stringify({ ...(await keptTimes()), ...times }, undefined, 1)}\n`);
}
