// A controller that belongs to its cluster no longer ends its parts, and then only says so until it is stopped.
// Upstream: pkg/component/controller/etcd_member_reconciler.go.

export interface DepartureReason {
  /** It is asked to leave, which it still has to do; or others have taken it out already. */
  readonly kind: "asked" | "removed";
  /** The end of a sentence about this controller. */
  readonly text: string;
}

export interface Departure {
  /** The first one that there was. */
  readonly reason: DepartureReason | undefined;
  begin(reason: DepartureReason): void;
  /** Resolves when it begins. */
  readonly when: Promise<void>;
}

export function createDeparture(): Departure {
  const { promise, resolve } = Promise.withResolvers<void>();
  let first: DepartureReason | undefined;
  return {
    get reason() {
      return first;
    },
    begin: (reason) => {
      first ??= reason;
      resolve();
    },
    when: promise,
  };
}
