import type { PollOptions } from "../../std/wait.ts";

/** A supervisor looks at its directory every few seconds. */
export function supervisorWait(what: string, signal: AbortSignal): PollOptions {
  return { what, signal, intervalMs: 200, timeoutMs: 30_000 };
}
