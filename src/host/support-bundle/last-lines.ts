// The end of a log that may be long and slow to read: what came last tells most, so it is read first.

import type { LogLine } from "../logs/line.ts";
import { unlessAborted } from "../../std/wait.ts";

export interface LastLines {
  /** Oldest first. */
  readonly text: string;
  /** False: time was over before everything that was wanted was read. */
  readonly inTime: boolean;
}

/** `lines`: newest first, ended by the same signal. At most `limit` characters. */
export async function lastLines(
  lines: AsyncIterable<LogLine>,
  limit: number,
  over: AbortSignal,
): Promise<LastLines> {
  const found: string[] = [];
  const from = lines[Symbol.asyncIterator]();
  for (let size = 0; ;) {
    const next = await nextOf(from, over);
    if (next === undefined) break;
    size += next.text.length + 1;
    if (size > limit) {
      await from.return?.();
      return { text: asText(found), inTime: true };
    }
    found.push(next.text);
  }
  return { text: asText(found), inTime: !over.aborted };
}

/** Undefined at the end, and when time is over, even if nothing comes of it. */
async function nextOf(from: AsyncIterator<LogLine>, over: AbortSignal): Promise<LogLine | undefined> {
  try {
    const next = await unlessAborted(from.next(), over);
    return next.done === true ? undefined : next.value;
  } catch (err) {
    if (over.aborted) return undefined;
    throw err;
  }
}

const asText = (newestFirst: readonly string[]): string =>
  newestFirst
    .toReversed()
    .map((line) => `${line}\n`)
    .join("");
