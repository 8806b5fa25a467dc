// Which agents have a tunnel to our konnectivity server, read off what it prints: it has no other way to tell by name
// (docs/adr/0020). The lines are those of backend_manager.go and server.go of the version in upstream/konnectivity.

import { normalizeIp } from "../../../std/ip.ts";

export type TunnelEvent =
  | { readonly kind: "up" | "down"; readonly agent: string }
  /** The server did not let an agent in. */
  | { readonly kind: "refused"; readonly agent: string; readonly why: string }
  /** kube-apiserver wanted to reach something and there was no agent at all. */
  | { readonly kind: "no-agent" }
  /** The agent that was chosen, which is any if the node's own has no tunnel, did not get through. */
  | { readonly kind: "not-reached"; readonly address: string }
  /** It cannot tell agents that it is there: as long as the API or its own rights are not there yet. */
  | { readonly kind: "no-lease" };

/** What one line says about tunnels, if anything. */
export function tunnelEvent(line: string): TunnelEvent | undefined {
  const message = /^[IWEF]\d{4} .*?\] "?([^":]+)/.exec(line)?.[1];
  if (message === undefined) return undefined;
  const agent = /\bagentID="([^"]*)"/.exec(line)?.[1] ?? "";
  switch (message) {
    case "Register backend for agent":
      return { kind: "up", agent };
    case "Remove connection for agent":
      return { kind: "down", agent };
    case "Client authentication failed":
      return { kind: "refused", agent, why: /\berr="((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? "" };
    case "Failed to get a backend":
      return line.includes("No agent available") ? { kind: "no-agent" } : undefined;
    case "DIAL_RSP contains failure": {
      const address = /\bdial tcp \[?([^\]\s]+?)\]?:\d+:/.exec(line)?.[1];
      return address === undefined ? undefined : { kind: "not-reached", address: normalizeIp(address) };
    }
    case "Failed to ensure lease exists, will retry":
    case "Could not list leases to garbage collect":
    case "Lease list error could not be logged to metrics as it is not an APIStatus":
      return { kind: "no-lease" };
    default:
      return undefined;
  }
}

/** How long the API and the rights of a new cluster may take. */
const startUpMs = 60_000;

export interface Tunnels {
  /** By agent: its node's address. */
  readonly up: ReadonlySet<string>;
  /** Why agents were not let in lately, by agent. */
  readonly refused: ReadonlyMap<string, string>;
}

export interface TunnelTracker {
  /** Takes in a line; true if it needs no place in the log. */
  readonly read: (line: string) => boolean;
  /** The server is about to start, and every tunnel to an earlier one has ended. */
  readonly reset: () => void;
  readonly current: () => Tunnels;
}

export interface TunnelListeners {
  readonly onChange: () => void;
  /** kube-apiserver did not get to something that has no tunnel of its own. */
  readonly onNotReached: () => void;
}

export function tunnelTracker(listeners: TunnelListeners): TunnelTracker {
  // An agent is registered once for each proxy strategy, and twice while it replaces a connection.
  const connections = new Map<string, number>();
  const refused = new Map<string, string>();
  let startedAt = performance.now();

  const count = (agent: string, change: 1 | -1): void => {
    const before = connections.get(agent) ?? 0;
    const after = before + change;
    if (after > 0) connections.set(agent, after);
    else connections.delete(agent);
    if (before > 0 !== after > 0) listeners.onChange();
  };

  return {
    read(line) {
      const event = tunnelEvent(line);
      switch (event?.kind) {
        case "up":
          refused.delete(event.agent);
          count(event.agent, 1);
          return true;
        case "down":
          count(event.agent, -1);
          return true;
        case "refused":
          refused.set(event.agent, event.why);
          return false;
        case "no-lease":
          return performance.now() - startedAt < startUpMs;
        case "no-agent":
          listeners.onNotReached();
          return true;
        case "not-reached":
          if (!connections.has(event.address)) listeners.onNotReached();
          return false;
        default:
          return false;
      }
    },
    reset() {
      startedAt = performance.now();
      refused.clear();
      if (connections.size === 0) return;
      connections.clear();
      listeners.onChange();
    },
    current: () => ({ up: new Set(connections.keys()), refused: new Map(refused) }),
  };
}
