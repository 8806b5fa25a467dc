// Logs a trouble that comes again and again: at once, when its reason changes, and then once a minute; and logs its
// end. Silence would hide it, and a line for each try would drown the rest.

import { errorMessage } from "./errors.ts";
import type { LogFields, Logger } from "./log.ts";

export interface TroubleLog {
  /** One more failure. */
  failed(err: unknown, fields?: LogFields): void;
  /** It works; logged if it did not before. */
  worked(): void;
}

export interface TroubleLogOptions {
  readonly log: Logger;
  /** Static sentences for a failure and for its end. */
  readonly failing: string;
  readonly recovered: string;
  /** Failures in a row that are told at debug level only: what one more try cures is not worth telling. Default 0. */
  readonly quietFailures?: number;
  /** A failure that is told at debug level only and does not count among those, e.g. of what is not up yet. Default none. */
  readonly isQuiet?: (err: unknown) => boolean;
  readonly everyMs?: number;
  /** Milliseconds of a clock that does not jump. */
  readonly now?: () => number;
}

export function troubleLog(options: TroubleLogOptions): TroubleLog {
  const { log, failing, recovered, quietFailures = 0, isQuiet = () => false, everyMs = 60_000 } = options;
  const now = options.now ?? (() => performance.now());
  let failures = 0;
  let counted = 0;
  let told: { readonly reason: string; readonly at: number } | undefined;
  return {
    failed(err, fields = {}) {
      const reason = errorMessage(err);
      const quiet = isQuiet(err);
      failures += 1;
      if (!quiet) counted += 1;
      const line = { err: reason, failures, ...fields };
      const due = told === undefined || told.reason !== reason || now() - told.at >= everyMs;
      if (quiet || counted <= quietFailures || !due) return log.debug(failing, line);
      told = { reason, at: now() };
      log.warn(failing, line);
    },
    worked() {
      if (told !== undefined) log.info(recovered, { failures });
      told = undefined;
      failures = 0;
      counted = 0;
    },
  };
}
