// A controller that is asked to leave its cluster ends its parts and then does nothing until it is terminated.
// Upstream: pkg/component/controller/etcd_member_reconciler.go.

export interface Departure {
  readonly requested: boolean;
  request(): void;
  /** Resolves when it is requested. */
  readonly when: Promise<void>;
}

export function createDeparture(): Departure {
  const { promise, resolve } = Promise.withResolvers<void>();
  let requested = false;
  return {
    get requested() {
      return requested;
    },
    request: () => {
      requested = true;
      resolve();
    },
    when: promise,
  };
}
