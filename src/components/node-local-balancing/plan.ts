// What this node balances, from its settings: which local port leads to which endpoints.
// Upstream: pkg/component/worker/nllb.

import { joinHostPort, splitHostPort } from "../../std/ip.ts";
import type { WorkerSettings } from "../worker-config/schema.ts";

export interface BalancerPlan {
  readonly api: { readonly port: number; readonly endpoints: readonly string[] };
  /** Undefined where the cluster has no konnectivity. */
  readonly konnectivity: { readonly port: number; readonly endpoints: readonly string[] } | undefined;
}

/** Undefined when the cluster does not want it. `fallback` is `host:port` of the server that the node joined by. */
export function balancerPlan(settings: WorkerSettings, fallback: string): BalancerPlan | undefined {
  const { nodeLocalLoadBalancing: wanted, apiServerAddresses, konnectivity } = settings;
  if (wanted?.enabled !== true) return undefined;
  // Both kinds of upstream mean the balancer inside of k0s: docs/adr/0022.
  const ports = wanted.type === "Traefik" ? wanted.traefik : wanted.envoyProxy;
  const { apiServerBindPort = 7443, konnectivityServerBindPort = 7132 } = ports ?? {};
  const endpoints = apiServerAddresses.length === 0 ? [fallback] : apiServerAddresses;
  return {
    api: { port: apiServerBindPort, endpoints },
    konnectivity: konnectivity.enabled
      ? {
          port: konnectivityServerBindPort,
          endpoints: endpoints.map((address) => joinHostPort(hostOf(address), konnectivity.agentPort)),
        }
      : undefined,
  };
}

function hostOf(address: string): string {
  return splitHostPort(address).hostname;
}
