// A while after a node is ready, when what follows a start has happened as well, it keeps only the memory that it works with.

import { trimMemory } from "../../os/trim-memory.ts";
import { sleep } from "../../std/wait.ts";

/** Twice: in the first minute what is done once an hour is done for the first time, and it reads its code for that. */
const calmMs = [20_000, 70_000];

export async function trimAfterStart(signal: AbortSignal): Promise<void> {
  for (const pause of calmMs) {
    await sleep(pause, signal);
    await trimMemory();
  }
}
