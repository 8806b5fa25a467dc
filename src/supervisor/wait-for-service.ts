// A component that is nothing of ours but something others need: ready once it answers. Until then it says why not.

import { errorMessage, UserError } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { pollUntil } from "../std/wait.ts";
import type { Component } from "./component.ts";

export interface AwaitedService {
  readonly name: string;
  /** For people: `PostgreSQL at db.example:5432`. */
  readonly what: string;
  readonly log: Logger;
  /** Checks what can be checked before anything starts, e.g. files. */
  readonly init?: () => Promise<void>;
  /** Why it does not answer; undefined if it does. A UserError means that waiting is no use. */
  problem(signal: AbortSignal): Promise<string | undefined>;
}

export function awaitedService(service: AwaitedService): Component {
  const log = service.log.with({ component: service.name });
  let because: string | undefined;
  const answers = async (signal: AbortSignal): Promise<boolean> => {
    const problem = await service.problem(signal);
    if (problem !== because && problem !== undefined)
      log.warn("Waiting for the datastore", { service: service.what, because: problem });
    if (problem === undefined && because !== undefined)
      log.info("The datastore answers", { service: service.what });
    because = problem;
    return problem === undefined;
  };
  return {
    name: service.name,
    ...(service.init === undefined ? {} : { init: service.init }),
    start: () => Promise.resolve(),
    ready: async (signal) => {
      const fatal = (err: unknown): boolean => err instanceof UserError;
      const attempt = async (abort: AbortSignal): Promise<boolean> => {
        try {
          return await answers(abort);
        } catch (err) {
          because = errorMessage(err);
          throw err;
        }
      };
      await pollUntil(attempt, { what: service.what, intervalMs: 500, signal, fatal });
    },
    stop: () => Promise.resolve(),
    inspect: () => ({
      waitingFor: service.what,
      ...(because === undefined ? {} : { waitingBecause: because }),
    }),
  };
}
