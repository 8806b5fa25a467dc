// Where the log of a node is read: its own files, or the journal. Which one, where there are both.

import type { LogLine } from "./line.ts";

export interface LogSource {
  /** For a person: a path, or what it is. */
  readonly name: string;
  /** When the last line was written, in milliseconds; undefined if there is none. */
  lastWritten(): Promise<number | undefined>;
  /** What is there now, oldest first; `since` in milliseconds. */
  past(options: { readonly since: number | undefined; readonly signal: AbortSignal }): AsyncIterable<LogLine>;
  /** What is written after `past` has ended, until the signal. */
  further(signal: AbortSignal): AsyncIterable<LogLine>;
}

/** The one that was written to last: a service may have been run by hand before, or the other way round. */
export async function presentSource<Source extends Pick<LogSource, "lastWritten">>(
  sources: readonly Source[],
): Promise<Source | undefined> {
  let found: { readonly source: Source; readonly at: number } | undefined;
  for (const source of sources) {
    const at = await source.lastWritten();
    if (at !== undefined && (found === undefined || at > found.at)) found = { source, at };
  }
  return found?.source;
}
