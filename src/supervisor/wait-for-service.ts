// A component that k0s does not run but others need: ready once it answers. Until then it says why not.

import { errorMessage, UserError } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { pollUntil } from "../std/wait.ts";
import type { Component } from "./component.ts";
import { createWaiting } from "./waiting.ts";

export interface AwaitedService {
  readonly name: string;
  /** For people: `PostgreSQL at db.example:5432`. */
  readonly what: string;
  readonly log: Logger;
  /** Checks what can be checked before anything starts, e.g. files. */
  readonly init?: () => Promise<void>;
  /** Why it does not answer; undefined if it does. A UserError means that waiting is useless. */
  problem(signal: AbortSignal): Promise<string | undefined>;
}

export function awaitedService(service: AwaitedService): Component {
  const { name, what, init } = service;
  const log = service.log.with({ component: name });
  const waiting = createWaiting({
    what,
    onReason: ({ message }) => log.warn("Waiting for the datastore", { service: what, because: message }),
    onOver: () => log.info("The datastore answers", { service: what }),
  });
  const attempt = async (signal: AbortSignal): Promise<boolean> => {
    const because = await service.problem(signal).catch((err: unknown) => {
      if (err instanceof UserError || signal.aborted) throw err;
      return errorMessage(err);
    });
    if (because === undefined) waiting.over();
    else waiting.because({ message: because });
    return because === undefined;
  };
  return {
    name,
    ...(init === undefined ? {} : { init }),
    start: () => Promise.resolve(),
    ready: async (signal) => {
      const fatal = (err: unknown): boolean => err instanceof UserError;
      await pollUntil(attempt, { what, intervalMs: 500, signal, fatal });
    },
    stop: () => Promise.resolve(),
    inspect: waiting.inspect,
    observe: waiting.observe,
  };
}
