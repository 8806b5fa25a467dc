// What happens in a group, as one stream in the order in which it happens: progress, health checks and the log read it, and
// those who come later. The present is in `group.statuses()`, which is changed before its change is told.

import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import type { ComponentStatus, ProcessEvent } from "./component.ts";

export type GroupEvent =
  | { readonly kind: "state"; readonly status: ComponentStatus }
  | { readonly kind: "process"; readonly component: string; readonly event: ProcessEvent }
  /** Another reason for waiting; without `text` it is over. */
  | { readonly kind: "waiting"; readonly component: string; readonly text: string | undefined };

export type EventReader = (event: GroupEvent) => void;

export interface GroupEvents {
  /** From now on; returns how to stop. A reader that throws is named in the log and does not hold up the others. */
  read(reader: EventReader): () => void;
}

export function createGroupEvents(log: Logger): GroupEvents & { tell(event: GroupEvent): void } {
  const readers = new Set<EventReader>();
  return {
    read(reader) {
      readers.add(reader);
      return () => void readers.delete(reader);
    },
    tell(event) {
      for (const reader of readers) {
        try {
          reader(event);
        } catch (err) {
          log.error("An event of a component could not be told", {
            event: event.kind,
            err: errorMessage(err),
          });
        }
      }
    },
  };
}

/**
 * Logs them at debug level, for their order, with the moment in milliseconds: the timeline of a start is made of these lines
 * (bench/timeline/). The process itself logs an end that nobody asked for.
 */
export function eventLog(log: Logger, now: () => number = Date.now): EventReader {
  return (event) => {
    if (event.kind === "waiting" && event.text !== undefined)
      log.debug("Component waits", { component: event.component, waitingFor: event.text, atMs: now() });
    if (event.kind !== "state") return;
    const { name, state, lastError, pid } = event.status;
    log.debug("Component has another state", { component: name, state, err: lastError, pid, atMs: now() });
  };
}
