// Keeps Endpoints `default/kubernetes` at the external address, where there is one; otherwise kube-apiserver itself
// keeps them.
// Upstream: pkg/component/controller/apiendpointreconciler.go, which overlooks a differing port.

import type { NodeConfig } from "../../config/fixed-fields.ts";
import { externalHost, primaryAddressFamily } from "../../config/derived.ts";
import type { KubeClient } from "../../kube/client.ts";
import { apiEndpoints, type Endpoints } from "../../kube/objects/endpoints.ts";
import { resolveHost } from "../../os/addresses.ts";
import { ipFamily } from "../../std/ip.ts";
import type { Logger } from "../../std/log.ts";
import { createLoop } from "../../std/loop.ts";
import type { Component } from "../../supervisor/component.ts";
import type { ControllerNode } from "../node-facts.ts";
import { endpointReconcilerDeclaration } from "./declaration.ts";
import { leaderTask } from "../../supervisor/leader-task.ts";
import { kubeApiserverDeclaration } from "./declaration.ts";

const everyMs = 10_000;

export function endpointReconciler({ config, client, leader, log }: ControllerNode): Component {
  return leaderTask({
    client,
    leader,
    log,
    name: endpointReconcilerDeclaration.name,
    dependsOn: [kubeApiserverDeclaration],
    run: async (api, signal, ownLog, watch) => {
      const rounds = createLoop({
        name: "endpoints of the API",
        log: ownLog,
        everyMs,
        round: (limit) => reconcileOnce(api, config, limit, ownLog),
      });
      watch(rounds);
      await rounds.run(signal);
    },
  });
}

async function reconcileOnce(
  client: KubeClient,
  config: NodeConfig,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  const external = externalHost(config);
  if (external === undefined) return;
  const family = primaryAddressFamily(config) === "IPv6" ? 6 : 4;
  const resolved = await resolveHost(external.host);
  const addresses = resolved.filter((address) => ipFamily(address) === family).sort();
  if (addresses.length === 0) throw new Error(`${external.host} resolves to no IPv${family} address`);
  const wanted = wantedSubsets(addresses, external.port ?? config.spec.api.port);
  const present = await client.find<Endpoints>(apiEndpoints, { signal });
  if (Bun.deepEquals(present?.subsets, wanted)) return;
  log.info("Pointing the API's endpoints to the external address", { addresses: addresses.join(",") });
  const { name, namespace, ...kind } = apiEndpoints;
  if (present === undefined) {
    await client.create<Endpoints>({ ...kind, metadata: { name, namespace }, subsets: wanted }, { signal });
  } else {
    await client.update<Endpoints>({ ...present, subsets: wanted }, { signal });
  }
}

function wantedSubsets(addresses: readonly string[], port: number): NonNullable<Endpoints["subsets"]> {
  return [{ addresses: addresses.map((ip) => ({ ip })), ports: [{ name: "https", port, protocol: "TCP" }] }];
}
