// Which endpoint the next connection goes to, and which connections leave. Pure state: checks report, the balancer asks.

import type { Finding, Health } from "./endpoint-health.ts";

export interface EndpointState {
  readonly address: string;
  readonly health: Health;
}

interface State {
  readonly health: Health;
  /** Since when it has not been fit for its connections; undefined while it is. */
  readonly unfitSince: number | undefined;
}

/** Better ones first. */
const rank: Readonly<Record<Health, number>> = { well: 0, slow: 1, "not ready": 2, silent: 3, down: 4 };
/** An endpoint that says that it is not ready, as while it starts again, has this long to get well. */
const notReadyMs = 10_000;

export class EndpointPool {
  #states = new Map<string, State>();
  #next: number;

  constructor(random: () => number = Math.random) {
    // Nodes that start together must not all begin with the same server.
    this.#next = Math.floor(random() * 1024);
  }

  /** Puts `addresses` in place of the present ones; those that stay keep their state. */
  replace(addresses: readonly string[]): {
    readonly added: readonly string[];
    readonly gone: readonly string[];
  } {
    const before = this.#states;
    this.#states = new Map(
      [...new Set(addresses)].map((address) => [
        address,
        before.get(address) ?? { health: "well", unfitSince: undefined },
      ]),
    );
    return {
      added: [...this.#states.keys()].filter((address) => !before.has(address)),
      gone: [...before.keys()].filter((address) => !this.#states.has(address)),
    };
  }

  /** In the order to try them: the best ones in turn, then the others, because they may be wrongly suspected. */
  order(): readonly string[] {
    const all = [...this.#states];
    const start = all.length === 0 ? 0 : this.#next++ % all.length;
    const turned = [...all.slice(start), ...all.slice(0, start)];
    return turned.toSorted(([, a], [, b]) => rank[a.health] - rank[b.health]).map(([address]) => address);
  }

  /** Takes a finding in; returns what it was before, undefined for an endpoint that has left. */
  found(address: string, { health }: Pick<Finding, "health">, now: number): Health | undefined {
    const before = this.#states.get(address);
    if (before === undefined) return undefined;
    const fit = health === "well" || health === "slow";
    this.#states.set(address, { health, unfitSince: fit ? undefined : (before.unfitSince ?? now) });
    return before.health;
  }

  /**
   * How many of an endpoint's connections are to leave now. None while no other endpoint is well: there is nowhere to
   * go, and a control plane that is slow as a whole must not get all its clients again at once. All of one that is
   * down; else half at each look, so that many nodes do not come to the next server at the same time.
   */
  leaving(address: string, connections: number, now: number): number {
    const state = this.#states.get(address);
    const elsewhere = [...this.#states].some(([other, { health }]) => other !== address && health === "well");
    if (state === undefined || state.unfitSince === undefined || !elsewhere) return 0;
    if (state.health === "down") return connections;
    if (state.health === "not ready" && now - state.unfitSince < notReadyMs) return 0;
    return Math.ceil(connections / 2);
  }

  list(): readonly EndpointState[] {
    return [...this.#states].map(([address, { health }]) => ({ address, health }));
  }
}
