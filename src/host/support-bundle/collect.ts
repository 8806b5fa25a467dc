// What goes into a bundle is collected in parts, each for itself: one that fails or hangs costs its own files and is noted.

import { errorMessage } from "../../std/errors.ts";
import { unlessAborted } from "../../std/wait.ts";

export interface BundleFile {
  /** Below the directory of the bundle. */
  readonly path: string;
  readonly text: string;
}

export interface Collector {
  readonly name: string;
  /** Hands each file over as soon as it is there, so that a part which ends too late loses only the rest. */
  collect(add: (file: BundleFile) => void, signal: AbortSignal): Promise<void>;
}

export interface Collected {
  readonly files: readonly BundleFile[];
  readonly missing: readonly { readonly part: string; readonly why: string }[];
}

export interface CollectOptions {
  /** For each part. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** All parts at once. Rejects only when the signal does so. */
export async function collectAll(
  collectors: readonly Collector[],
  { timeoutMs, signal }: CollectOptions,
): Promise<Collected> {
  const missing: { part: string; why: string }[] = [];
  const collectOne = async (collector: Collector): Promise<readonly BundleFile[]> => {
    const files: BundleFile[] = [];
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      await unlessAborted(
        collector.collect((file) => void files.push(file), limit),
        limit,
      );
    } catch (err) {
      signal.throwIfAborted();
      missing.push({
        part: collector.name,
        why: limit.aborted ? `not within ${timeoutMs} ms` : errorMessage(err),
      });
    }
    // What it hands over later is not looked at.
    return [...files];
  };
  const files = (await Promise.all(collectors.map(collectOne))).flat();
  return { files, missing };
}

export function jsonFile(path: string, value: unknown): BundleFile {
  return { path, text: `${JSON.stringify(value, null, 2)}\n` };
}
