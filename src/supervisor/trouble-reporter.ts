// Tells what a joining worker waits for: at once in the log and on the terminal, on request in its status.

import type { UserError } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import type { Progress } from "../std/progress.ts";

export interface TroubleReporter {
  report(trouble: UserError): void;
  /** It is over. */
  clear(): void;
  /** Sentences for the status. */
  current(): readonly string[];
}

export function troubleReporter(io: { log: Logger; progress: Progress }): TroubleReporter {
  let trouble: UserError | undefined;
  return {
    report(next) {
      const news = trouble?.message !== next.message;
      trouble = next;
      if (!news) return;
      io.log.warn("Waiting, will try again", { problem: next.message, hint: next.hint });
      io.progress.wait(`the end of this: ${next.message}`);
    },
    clear() {
      if (trouble !== undefined) {
        io.log.info("The problem is over", { problem: trouble.message });
        io.progress.wait("");
      }
      trouble = undefined;
    },
    current: () => (trouble === undefined ? [] : [trouble.message]),
  };
}
