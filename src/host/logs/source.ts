// Where the log of a node is read: its own files, or the journal. Which one, where there are both.

import { errorMessage } from "../../std/errors.ts";
import { unlessAborted } from "../../std/wait.ts";
import type { LogLine } from "./line.ts";

export interface LogSource {
  /** For a person: a path, or what it is. */
  readonly name: string;
  /** When the last line was written, in milliseconds; undefined if there is none. */
  lastWritten(signal: AbortSignal): Promise<number | undefined>;
  /** What is there now, oldest first; `since` in milliseconds. */
  past(options: { readonly since: number | undefined; readonly signal: AbortSignal }): AsyncIterable<LogLine>;
  /** The same, newest first, without what follows it in `further`. */
  latest(options: {
    readonly since: number | undefined;
    readonly signal: AbortSignal;
  }): AsyncIterable<LogLine>;
  /** What is written after `past` has ended, until the signal. */
  further(signal: AbortSignal): AsyncIterable<LogLine>;
}

/** A source that could not be read, though another one could. */
export interface UnreadSource {
  readonly name: string;
  readonly why: string;
}

/**
 * The one that was written to last: a service may have been run by hand before, or the other way round. One that cannot be
 * read, or not in `timeoutMs`, counts as one that is not there, which `tell` is told of; its error is thrown where there is no other.
 */
export async function presentSource<Source extends Pick<LogSource, "name" | "lastWritten">>(
  sources: readonly Source[],
  signal: AbortSignal,
  tell: (unread: UnreadSource) => void,
  timeoutMs = 20_000,
): Promise<Source | undefined> {
  let found: { readonly source: Source; readonly at: number } | undefined;
  const failed: { readonly name: string; readonly err: unknown }[] = [];
  for (const source of sources) {
    try {
      const over = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const at = await unlessAborted(source.lastWritten(over), over);
      if (at !== undefined && (found === undefined || at > found.at)) found = { source, at };
    } catch (err) {
      signal.throwIfAborted();
      failed.push({ name: source.name, err });
    }
  }
  if (found === undefined && failed[0] !== undefined) throw failed[0].err;
  for (const { name, err } of failed) tell({ name, why: errorMessage(err) });
  return found?.source;
}
