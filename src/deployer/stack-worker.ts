// Brings one stack to its wanted state whenever it is told to, one pass at a time, and tries again until it succeeds.

import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { sleep } from "../std/wait.ts";
import type { StackPass } from "./stack.ts";

export type PassDepth = StackPass["depth"];

export interface StackWorkerOptions {
  /** Quiet time after the last trigger before a pass starts. */
  readonly debounceMs: number;
  readonly log: Logger;
  readonly pass: (depth: PassDepth, signal: AbortSignal) => Promise<void>;
  /** Told about a failure that lasts: once for each different text. */
  readonly onTrouble: (message: string) => void;
}

export interface StackWorker {
  /** Asks for a pass; `now` skips the quiet time. */
  trigger(depth: PassDepth, options?: { now?: boolean }): void;
  /** Works until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

const backOffMs = { first: 100, longest: 30_000 };
/** Failures in a row that are normal while a cluster starts: a namespace or a definition that is not there yet. */
const quietFailures = 4;
const depths: readonly PassDepth[] = ["quick", "verify", "sweep"];

export function createStackWorker(options: StackWorkerOptions): StackWorker {
  const { debounceMs, log, pass, onTrouble } = options;
  let wanted: PassDepth | undefined;
  let notBefore = 0;
  let wake = Promise.withResolvers<void>();
  let reported = "";

  const deeper = (a: PassDepth, b: PassDepth | undefined): PassDepth =>
    b !== undefined && depths.indexOf(b) > depths.indexOf(a) ? b : a;

  /** Waits for a trigger and for the quiet time after it. */
  const nextDepth = async (signal: AbortSignal): Promise<PassDepth | undefined> => {
    while (!signal.aborted) {
      const wait = notBefore - Date.now();
      if (wanted !== undefined && wait <= 0) {
        const depth = wanted;
        wanted = undefined;
        return depth;
      }
      wake = Promise.withResolvers<void>();
      const pause = new AbortController();
      const limit = AbortSignal.any([signal, pause.signal]);
      const time = wanted === undefined ? 3_600_000 : wait;
      await Promise.race([wake.promise, sleep(time, limit).catch(() => undefined)]);
      pause.abort();
    }
    return undefined;
  };

  const worker: StackWorker = {
    trigger(depth, { now = false } = {}) {
      wanted = deeper(depth, wanted);
      notBefore = now ? Date.now() : Date.now() + debounceMs;
      wake.resolve();
    },
    async run(signal) {
      let failures = 0;
      for (;;) {
        const depth = await nextDepth(signal);
        if (depth === undefined) return;
        try {
          await pass(depth, signal);
          if (reported !== "") log.info("A stack that failed is applied now");
          failures = 0;
          reported = "";
        } catch (err) {
          if (signal.aborted) return;
          const message = errorMessage(err);
          const delayMs = Math.min(backOffMs.first * 2 ** failures++, backOffMs.longest);
          // What the user has to mend is said at once, what may pass by itself a little later; neither twice.
          if ((failures > quietFailures || isForUser(err)) && message !== reported) {
            reported = message;
            log.error("Applying a stack failed, it is tried again", { err: message });
            onTrouble(message);
          }
          wanted = deeper(depth, wanted);
          notBefore = Math.max(notBefore, Date.now() + delayMs);
        }
      }
    },
  };
  return worker;
}

function isForUser(err: unknown): boolean {
  return err instanceof Error && err.name === "UserError";
}
