// A while after a node is ready, when what follows a start has happened as well, it keeps only the memory that it works with.

import { trimMemory } from "../../os/trim-memory.ts";
import { sleep } from "../../std/wait.ts";

const calmMs = 20_000;

export async function trimAfterStart(signal: AbortSignal): Promise<void> {
  await sleep(calmMs, signal);
  await trimMemory();
}
