// What a component waits for, and why that is not so yet: every new reason is told once, in the log or on the terminal
// by the one who made it, and the present one is in the component's status.

import type { ComponentDetails, WaitingEvent } from "./component.ts";

/** A UserError is one. */
export interface Reason {
  readonly message: string;
  /** What a person can do. */
  readonly hint?: string | undefined;
}

export interface Waiting {
  /** Not yet, for this reason. */
  because(reason: Reason): void;
  /** It is so now. */
  over(): void;
  /** The present reason; undefined while there is none. */
  readonly reason: Reason | undefined;
  /** For the component's `inspect`. */
  readonly inspect: () => Pick<ComponentDetails, "waitingFor" | "waitingBecause">;
  /** For the component's `observe`; several may be told. */
  readonly observe: (listener: (event: WaitingEvent) => void) => void;
}

export interface WaitingOptions {
  /** In words or as an address: `PostgreSQL at db.example:5432`. Default: the reason says it. */
  readonly what?: string;
  /** Called with a reason unlike the one before. */
  readonly onReason?: (reason: Reason) => void;
  /** Called when it is over, with the last reason, if there was one. */
  readonly onOver?: (reason: Reason) => void;
}

export function createWaiting({ what, onReason, onOver }: WaitingOptions = {}): Waiting {
  let present: Reason | undefined;
  const listeners: ((event: WaitingEvent) => void)[] = [];
  const inspect: Waiting["inspect"] = () => {
    if (what === undefined) return present === undefined ? {} : { waitingFor: present.message };
    return { waitingFor: what, ...(present === undefined ? {} : { waitingBecause: present.message }) };
  };
  const tell = (): void => {
    const text = present === undefined ? undefined : waitingText(inspect());
    for (const listener of listeners) listener({ kind: "waiting", text });
  };
  return {
    inspect,
    observe: (listener) => void listeners.push(listener),
    because(reason) {
      const news = present?.message !== reason.message;
      present = reason;
      if (!news) return;
      onReason?.(reason);
      tell();
    },
    over() {
      const last = present;
      present = undefined;
      if (last === undefined) return;
      onOver?.(last);
      tell();
    },
    get reason() {
      return present;
    },
  };
}

/** `PostgreSQL at db:5432 (connection refused)`; undefined while nothing is known. */
export function waitingText({
  waitingFor,
  waitingBecause,
}: Pick<ComponentDetails, "waitingFor" | "waitingBecause">): string | undefined {
  return waitingBecause === undefined ? waitingFor : `${waitingFor ?? "it"} (${waitingBecause})`;
}
