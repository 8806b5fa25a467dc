// Work that is done again and again until it is stopped: after a while, after a ring, and after a failure with growing
// pauses. No exception ends it, not even one of the log; `health` tells what is wrong with it. docs/adr/0051.

import { type BackoffRules, createBackoff } from "./backoff.ts";
import { formatDuration } from "./duration.ts";
import { errorMessage } from "./errors.ts";
import { flapHistory } from "./flapping.ts";
import { type Logger, unfailing } from "./log.ts";
import { troubleLog } from "./trouble-log.ts";

export interface LoopOptions {
  /** What is repeated, for health and log, e.g. `watch of nodes`. */
  readonly name: string;
  readonly log: Logger;
  /**
   * One round. May resolve with the milliseconds until the next one, in place of `everyMs`. A rejection is a failure.
   * A long round calls `well` once it knows that it works: that forgives the failures before it.
   */
  readonly round: (signal: AbortSignal, well: () => void) => Promise<number | void>;
  /** Milliseconds between the end of a round and the next; default: until it is rung. */
  readonly everyMs?: number;
  /** A round that takes longer is aborted and counts as failed, if it heeds its signal; default: no limit. */
  readonly limitMs?: number;
  /**
   * A round is meant to go on until it is stopped: one that does works, whatever failed before it, unless such rounds fail
   * again and again. Not for a round that only asks somebody, since those who wait for no answer would seem to be well all
   * the time.
   */
  readonly lasting?: boolean;
  readonly backoff?: BackoffRules;
  /** Failures in a row that are told at debug level only; default 0. */
  readonly quietFailures?: number;
  /** A failure that is told at debug level only and does not count among those. `health` tells it all the same. Default none. */
  readonly isQuiet?: (err: unknown) => boolean;
  /** After this long, failing is a fault; default one minute. */
  readonly patienceMs?: number;
  /** Milliseconds of a clock that does not jump. */
  readonly now?: () => number;
  readonly random?: () => number;
}

export interface Loop {
  /** Goes on until the signal aborts; never rejects. Call it once. */
  run(signal: AbortSignal): Promise<void>;
  /** A round now, or right after the present one; also ends the pause after a failure. */
  ring(): void;
  /** Throws when it has ended without being stopped, has failed for long, fails often or hangs: made for a component's `health`. */
  health(): void;
}

/** Longer than a request without an answer, shorter than the default of `patienceMs`. */
const settledMs = 45_000;

const defaultBackoff: BackoffRules = { firstMs: 250, longestMs: 30_000 };

export function createLoop(options: LoopOptions): Loop {
  const { name, round, everyMs = Number.POSITIVE_INFINITY, patienceMs = 60_000 } = options;
  const log = unfailing(options.log);
  const now = options.now ?? (() => performance.now());
  const backoff = createBackoff(options.backoff ?? defaultBackoff, options.random);
  const bell = createBell();
  const troubles = troubleLog({
    log: log.with({ loop: name }),
    failing: "A repeated task failed and is tried again",
    recovered: "A repeated task works again",
    quietFailures: options.quietFailures ?? 0,
    ...(options.isQuiet === undefined ? {} : { isQuiet: options.isQuiet }),
    now,
  });
  const settledEnds = flapHistory();
  let failing: { readonly since: number; readonly err: unknown } | undefined;
  let lastError: unknown;
  let ended: { readonly err: unknown } | undefined;
  let roundSince: number | undefined;

  const well = (): void => {
    backoff.worked();
    failing = undefined;
    troubles.worked();
  };

  const isSettled = (roundStartedAt: number | undefined): boolean =>
    options.lasting === true && roundStartedAt !== undefined && now() - roundStartedAt >= settledMs;

  /** How long to pause. */
  const once = async (signal: AbortSignal): Promise<number> => {
    const startedAt = now();
    roundSince = startedAt;
    try {
      const next = await limited(round, options.limitMs, signal, well);
      well();
      return next ?? everyMs;
    } catch (err) {
      if (signal.aborted) return 0;
      const delayMs = backoff.failed({ livedMs: now() - startedAt, err });
      const hadSettled = isSettled(startedAt);
      if (hadSettled) settledEnds.failed(now());
      const first = backoff.failures === 1 || hadSettled;
      lastError = err;
      failing = { since: first ? now() : (failing?.since ?? now()), err };
      troubles.failed(err, { delayMs: Math.round(delayMs) });
      return delayMs;
    } finally {
      roundSince = undefined;
    }
  };

  return {
    async run(signal) {
      try {
        while (!signal.aborted) {
          bell.silence();
          const pauseMs = await once(signal);
          await bell.wait(pauseMs, signal);
        }
      } catch (err) {
        // Only a mistake in this file comes here; it must not be hidden.
        ended = { err };
        log.error("A repeated task has ended", { loop: name, err: errorMessage(err) });
      }
    },
    ring: () => bell.ring(),
    health() {
      if (ended !== undefined) throw new Error(`${name} has ended: ${errorMessage(ended.err)}`);
      const stuckMs = roundSince === undefined ? 0 : now() - roundSince;
      if (stuckMs > (options.limitMs ?? Number.POSITIVE_INFINITY) + patienceMs)
        throw new Error(`${name} hangs for ${wholeSeconds(stuckMs)}`);
      const often = settledEnds.often(now());
      if (often !== undefined)
        throw new Error(`${name} fails often: ${often}: ${errorMessage(lastError)}`, { cause: lastError });
      if (failing === undefined || now() - failing.since < patienceMs || isSettled(roundSince)) return;
      const forLong = wholeSeconds(now() - failing.since);
      throw new Error(`${name} has failed for ${forLong}: ${errorMessage(failing.err)}`, {
        cause: failing.err,
      });
    },
  };
}

async function limited(
  round: LoopOptions["round"],
  limitMs: number | undefined,
  signal: AbortSignal,
  well: () => void,
): Promise<number | void> {
  if (limitMs === undefined) return await round(signal, well);
  return await round(AbortSignal.any([signal, AbortSignal.timeout(limitMs)]), well);
}

function wholeSeconds(ms: number): string {
  return formatDuration(Math.round(ms / 1000) * 1000);
}

interface Bell {
  ring(): void;
  /** Forgets a ring: the round that it asked for begins now. */
  silence(): void;
  /** Resolves after `ms`, at a ring (also one since `silence`) or at the abort. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** Timers longer than this fire at once. */
const longestTimerMs = 2 ** 31 - 1;

function createBell(): Bell {
  let rung = false;
  let wake: () => void = () => undefined;
  return {
    ring() {
      rung = true;
      wake();
    },
    silence() {
      rung = false;
    },
    async wait(ms, signal) {
      if (rung || signal.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = () => resolve();
      const timer = setTimeout(wake, Math.min(Math.max(0, ms), longestTimerMs));
      signal.addEventListener("abort", wake, { once: true });
      await promise;
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
    },
  };
}
