// Numbers of how an informer keeps itself honest. Separate so that tests can make them small.

export interface InformerTiming {
  /** The server is asked to end each watch after a random time between these; a new one continues where it ended. */
  readonly watchSeconds: readonly [number, number];
  /** A watch that brings nothing for this long, not even a bookmark (one a minute), is taken for dead. */
  readonly silenceMs: number;
  /** A full list is taken this often even when all seems well, and compared with what we hold. */
  readonly relistMs: number;
  /** First and longest wait after a failure. */
  readonly backOffMs: readonly [number, number];
}

export const defaultInformerTiming: InformerTiming = {
  watchSeconds: [300, 600],
  silenceMs: 150_000,
  relistMs: 15 * 60_000,
  backOffMs: [100, 10_000],
};
