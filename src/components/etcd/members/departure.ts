// A controller that belongs to its cluster no longer ends its parts, and then only says so until it is stopped.
// Upstream: pkg/component/controller/etcd_member_reconciler.go.

/** Its EtcdMember asks it to leave, which it still has to do; or others have taken it out of etcd already. */
export type DepartureReason = "asked" | "removed";

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
