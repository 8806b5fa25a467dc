// Which endpoint the next connection goes to. Pure state: probes and connections report, the balancer asks.

export interface EndpointState {
  readonly address: string;
  readonly healthy: boolean;
  /** Failures since the last success. */
  readonly failures: number;
}

/** So many probes in a row must fail before an endpoint is given up: one can get lost. */
const failuresToGiveUp = 2;

export class EndpointPool {
  #states = new Map<string, { healthy: boolean; failures: number }>();
  #next: number;

  constructor(random: () => number = Math.random) {
    // Nodes that start together must not all begin with the same server.
    this.#next = Math.floor(random() * 1024);
  }

  /** Puts `addresses` in place of the present ones; those that stay keep their state. Returns those that are gone. */
  replace(addresses: readonly string[]): readonly string[] {
    const before = this.#states;
    this.#states = new Map(
      [...new Set(addresses)].map((address) => [
        address,
        before.get(address) ?? { healthy: true, failures: 0 },
      ]),
    );
    return [...before.keys()].filter((address) => !this.#states.has(address));
  }

  /** In the order to try them: the healthy ones in turn, then the others, because they may be wrongly suspected. */
  order(): readonly string[] {
    const all = [...this.#states];
    const start = all.length === 0 ? 0 : this.#next++ % all.length;
    const turned = [...all.slice(start), ...all.slice(0, start)];
    const healthy = turned.filter(([, state]) => state.healthy);
    const others = turned.filter(([, state]) => !state.healthy);
    return [...healthy, ...others].map(([address]) => address);
  }

  succeeded(address: string): void {
    if (this.#states.has(address)) this.#states.set(address, { healthy: true, failures: 0 });
  }

  /** True when this failure is the one that makes it unhealthy while another is healthy: its connections should move. */
  failed(address: string, { sure = false }: { sure?: boolean } = {}): boolean {
    const state = this.#states.get(address);
    if (state === undefined) return false;
    const failures = state.failures + 1;
    const healthy = state.healthy && !sure && failures < failuresToGiveUp;
    this.#states.set(address, { healthy, failures });
    return state.healthy && !healthy && this.list().some((other) => other.healthy);
  }

  list(): readonly EndpointState[] {
    return [...this.#states].map(([address, state]) => ({ address, ...state }));
  }
}
