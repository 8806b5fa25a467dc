// What is looked for on a host that may be in any state: what fails or hangs is noted, and costs itself alone.

import { errorMessage } from "../../std/errors.ts";
import { unlessAborted } from "../../std/wait.ts";

export interface Attempts {
  /** What `work` gives; undefined after a failure, and if it is not done in time. Rejects only when the signal does so. */
  at<T>(path: string, work: (path: string) => Promise<T>): Promise<T | undefined>;
  /** In the order in which they were noted. */
  readonly failed: readonly { readonly path: string; readonly why: string }[];
}

/** `forMs`: for all of them, from now on. */
export function attempts(signal: AbortSignal, forMs: number): Attempts {
  const failed: { path: string; why: string }[] = [];
  const over = AbortSignal.any([signal, AbortSignal.timeout(forMs)]);
  return {
    at: async (path, work) => {
      try {
        return await unlessAborted(work(path), over);
      } catch (err) {
        signal.throwIfAborted();
        failed.push({ path, why: over.aborted ? `not within ${forMs} ms` : errorMessage(err) });
        return undefined;
      }
    },
    failed,
  };
}
