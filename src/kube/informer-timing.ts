// How often an informer checks itself. Separate, so that tests can use small numbers.

import type { BackoffRules } from "../std/backoff.ts";

export interface InformerTiming {
  /** The server is asked to end each watch after a random time between these; a new one continues where it ended. */
  readonly watchSeconds: readonly [number, number];
  /** A watch that brings nothing for this long, not even a bookmark (one a minute), is taken for dead. */
  readonly silenceMs: number;
  /** A full list is taken this often even when all seems well, and compared with what we hold. */
  readonly relistMs: number;
  /** A watch that lived this long forgives earlier failures; one that ends sooner is a failure. */
  readonly stableMs: number;
  readonly backoff: BackoffRules;
}

export const defaultInformerTiming: InformerTiming = {
  watchSeconds: [300, 600],
  silenceMs: 150_000,
  relistMs: 15 * 60_000,
  stableMs: 10_000,
  backoff: { firstMs: 400, longestMs: 10_000 },
};
