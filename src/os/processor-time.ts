// How much processor time a process has used: whether it works, though it says nothing.

import { readFile } from "node:fs/promises";

/** Linux counts in hundredths of a second on all platforms (USER_HZ). */
const tickMs = 10;

/** User and system time of all its threads, in milliseconds; undefined when it is gone. */
export async function processorMs(pid: number): Promise<number | undefined> {
  let text: string;
  try {
    text = await readFile(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // Fields 14 and 15, counted from the state behind the name, which may hold anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}
