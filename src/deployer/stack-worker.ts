// Brings one stack to its wanted state whenever it is told to, one pass at a time, and tries again until it succeeds.

import { createBackoff } from "../std/backoff.ts";
import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { sleep } from "../std/wait.ts";
import type { PassDepth, Snapshot } from "./stack.ts";

export interface WorkerPass {
  readonly depth: PassDepth;
  readonly snapshot: Snapshot | undefined;
  /** This pass was asked for because of this stack, not only because all stacks are looked at. */
  readonly asked: boolean;
  readonly signal: AbortSignal;
}

export interface WorkerPassResult {
  /** When to look again without being told to, in milliseconds. */
  readonly againMs: number | undefined;
  /** There is nothing left to do for this worker. */
  readonly over: boolean;
  /** What became of the stack; undefined when the pass says nothing of that, as while the end of a removal is awaited. */
  readonly became: StackEnd | undefined;
}

/** `removed`: its manifests are gone, and what was to be deleted is. */
export type StackEnd = "applied" | "removed";

export interface StackWorkerOptions {
  readonly log: Logger;
  readonly pass: (pass: WorkerPass) => Promise<WorkerPassResult>;
  /** Told about a failure that lasts: once for each different text. */
  readonly onTrouble: (message: string, err: unknown) => void;
  /** Told once what became of a stack whose trouble was told, and which trouble that was. */
  readonly onRecovered?: (became: StackEnd, trouble: unknown) => void;
  /** Called when the worker ends because a pass said so. */
  readonly onOver: () => void;
}

export interface Trigger {
  /** Milliseconds without another trigger of this kind before a pass starts. Whatever else happens, they are kept. */
  readonly quietMs?: number;
  /** What the cluster has, if the caller has looked. */
  readonly snapshot?: Snapshot;
}

export interface StackWorker {
  /** Asks for a pass. */
  trigger(depth: PassDepth, options?: Trigger): void;
  /** Works until the signal aborts, or until it is over. */
  run(signal: AbortSignal): Promise<void>;
}

const backoff = { firstMs: 100, longestMs: 30_000 };
/** Failures in a row that are normal while a cluster starts: a namespace or a definition that is not there yet. */
const quietFailures = 4;
const depths: readonly PassDepth[] = ["quick", "verify", "sweep"];

export function createStackWorker(options: StackWorkerOptions): StackWorker {
  const { log, pass, onTrouble, onOver } = options;
  let wanted: Omit<WorkerPass, "signal"> | undefined;
  /** Times of a clock that does not jump. */
  let quietUntil = 0;
  let retryAt = 0;
  let wake = Promise.withResolvers<void>();
  let reported: { readonly message: string; readonly err: unknown } | undefined;

  const want = (depth: PassDepth, snapshot: Snapshot | undefined): void => {
    const deeper = wanted === undefined || depths.indexOf(depth) >= depths.indexOf(wanted.depth);
    const asked = snapshot === undefined || (wanted?.asked ?? false);
    wanted = { ...(wanted === undefined || deeper ? { depth, snapshot } : wanted), asked };
  };

  /** Waits for a trigger and for the quiet time after it. */
  const next = async (signal: AbortSignal): Promise<typeof wanted> => {
    while (!signal.aborted) {
      const waitMs = Math.max(quietUntil, retryAt) - performance.now();
      if (wanted !== undefined && waitMs <= 0) {
        const taken = wanted;
        wanted = undefined;
        return taken;
      }
      wake = Promise.withResolvers<void>();
      const pause = new AbortController();
      const limit = AbortSignal.any([signal, pause.signal]);
      const time = wanted === undefined ? 3_600_000 : waitMs;
      await Promise.race([wake.promise, sleep(time, limit).catch(() => undefined)]);
      pause.abort();
    }
    return undefined;
  };

  const failed = (err: unknown, failures: number): void => {
    const message = errorMessage(err);
    // What the user has to put right is said at once, what may pass by itself a little later; neither twice.
    if ((failures <= quietFailures && !isForUser(err)) || message === reported?.message) return;
    reported = { message, err };
    log.error("Applying a stack failed, it is tried again", { err: message });
    onTrouble(message, err);
  };

  return {
    trigger(depth, { quietMs, snapshot } = {}) {
      want(depth, snapshot);
      retryAt = 0;
      if (quietMs !== undefined) quietUntil = Math.max(quietUntil, performance.now() + quietMs);
      wake.resolve();
    },
    async run(signal) {
      const failures = createBackoff(backoff);
      for (;;) {
        const taken = await next(signal);
        if (taken === undefined) return;
        try {
          const { againMs, over, became } = await pass({ ...taken, signal });
          if (reported !== undefined && became !== undefined) {
            const what =
              became === "removed" ? "A stack that failed is removed" : "A stack that failed is applied now";
            log.info(what);
            options.onRecovered?.(became, reported.err);
            reported = undefined;
          }
          failures.worked();
          if (wanted !== undefined) continue;
          if (over) return onOver();
          if (againMs === undefined) continue;
          want("quick", undefined);
          retryAt = performance.now() + againMs;
        } catch (err) {
          if (signal.aborted) return;
          const delayMs = failures.failed({ err });
          failed(err, failures.failures);
          // Looking at every kind again is for a round of all stacks.
          want(taken.depth === "sweep" ? "verify" : taken.depth, undefined);
          retryAt = performance.now() + delayMs;
        }
      }
    },
  };
}

function isForUser(err: unknown): boolean {
  return err instanceof Error && err.name === "UserError";
}
