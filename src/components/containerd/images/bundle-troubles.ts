// What became of bundle files that could not be imported: a bad one is left alone until it changes, what failed for another
// reason (a full disk, containerd) is tried again with growing pauses. Held in memory: after a restart all are tried again.

import { basename } from "node:path";
import { backoffDelay } from "../../../std/backoff.ts";
import { errorMessage, UserError } from "../../../std/errors.ts";
import type { BundleFile, BundleFiles } from "./bundle-files.ts";

interface Trouble {
  readonly mark: string;
  /** Undefined when there is nothing wrong: it has no image. */
  readonly why: string | undefined;
  readonly failures: number;
  /** When this file failed first. */
  readonly since: Date;
  /** Milliseconds of a clock that does not jump; infinite for a bad file. */
  readonly retryAt: number;
}

export interface BundleTroubles {
  /** Forgets what is gone. */
  keep(files: BundleFiles): void;
  /** Whether the file may be tried: it is another one than what failed, or its pause is over. */
  isDue(path: string, file: BundleFile): boolean;
  /** True if it is of no use to try this file again. */
  failed(path: string, file: BundleFile, err: unknown): boolean;
  worked(path: string): void;
  /** There is nothing to import in it, as long as it does not change. */
  hasNone(path: string, file: BundleFile): void;
  /** One sentence for the status; undefined while all is well. */
  complaint(): string | undefined;
  /** Of the first failure of those that it names. */
  since(): Date | undefined;
}

const pauses = { firstMs: 10_000, longestMs: 300_000 };

export function bundleTroubles(now: () => number = () => performance.now()): BundleTroubles {
  const troubles = new Map<string, Trouble>();
  return {
    keep(files) {
      for (const path of troubles.keys()) if (!(path in files)) troubles.delete(path);
    },
    isDue(path, { mark }) {
      const trouble = troubles.get(path);
      return trouble?.mark !== mark || now() >= trouble.retryAt;
    },
    failed(path, { mark }, err) {
      const last = troubles.get(path);
      const failures = last?.mark === mark ? last.failures + 1 : 1;
      // Only what is wrong with the file itself is a UserError here.
      const isBad = err instanceof UserError;
      const retryAt = isBad ? Number.POSITIVE_INFINITY : now() + backoffDelay(failures, pauses);
      const since = last?.why === undefined ? new Date() : last.since;
      troubles.set(path, { mark, why: errorMessage(err), failures, since, retryAt });
      return isBad;
    },
    worked: (path) => void troubles.delete(path),
    hasNone: (path, { mark }) =>
      void troubles.set(path, {
        mark,
        why: undefined,
        failures: 0,
        since: new Date(),
        retryAt: Number.POSITIVE_INFINITY,
      }),
    since: () =>
      [...troubles.values()]
        .filter(({ why }) => why !== undefined)
        .map(({ since }) => since)
        .toSorted((a, b) => a.getTime() - b.getTime())[0],
    complaint() {
      const [first, ...others] = [...troubles].filter(([, { why }]) => why !== undefined);
      if (first === undefined) return undefined;
      const [path, { why, retryAt }] = first;
      const remedy = retryAt === Number.POSITIVE_INFINITY ? "; replace it or remove it" : "; tried again";
      const more = others.length === 0 ? "" : ` (and ${others.map(([other]) => basename(other)).join(", ")})`;
      return `the image bundle ${basename(path)} cannot be imported: ${why ?? ""}${remedy}${more}`;
    },
  };
}
