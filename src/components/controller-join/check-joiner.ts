// Whether a controller fits into this cluster: pure, asked before anything is changed on either side.

import type { NodeConfig } from "../../config/fixed-fields.ts";
import { kineBackend } from "../../config/data-source.ts";
import { clusterCidrs } from "../../config/derived.ts";
import type { CheckRequest, ClusterFacts, Refusal } from "./protocol.ts";

export function clusterFactsOf(config: NodeConfig): ClusterFacts {
  const { storage, network } = config.spec;
  const { pods, services } = clusterCidrs(config);
  return {
    podCIDR: pods.join(","),
    serviceCIDR: services.join(","),
    clusterDomain: network.clusterDomain,
    networkProvider: network.provider,
    storage: storage.type === "kine" ? `kine ${kineBackend(storage.kine.dataSource)}` : storage.type,
  };
}

/** A controller that runs: the holder of a lease. */
export interface PresentController {
  readonly name: string;
  readonly apiAddress: string;
}

const fields: readonly (readonly [keyof ClusterFacts, string])[] = [
  ["podCIDR", "spec.network.podCIDR"],
  ["serviceCIDR", "spec.network.serviceCIDR"],
  ["clusterDomain", "spec.network.clusterDomain"],
  ["networkProvider", "spec.network.provider"],
  ["storage", "spec.storage"],
];

export function checkJoiner(
  joiner: CheckRequest,
  here: { version: string; cluster: ClusterFacts; controllers: readonly PresentController[] },
): Refusal | undefined {
  if (!mayJoin(joiner.version, here.version)) {
    return {
      code: "join-version",
      message: `k0s ${joiner.version} cannot join a cluster of ${here.version}`,
      hint: "Controllers of one cluster may differ by one minor version at most. Use the cluster's version, then upgrade.",
    };
  }
  const wrong = fields.filter(([field]) => joiner.cluster[field] !== here.cluster[field]);
  if (wrong.length > 0) {
    const lines = wrong.map(
      ([field, path]) => `${path} is ${joiner.cluster[field]} here, ${here.cluster[field]} in the cluster`,
    );
    return {
      code: "join-config",
      message: `the configuration does not fit the cluster: ${lines.join("; ")}`,
      hint: "Give this controller the same configuration file as the others (--config), with its own addresses.",
    };
  }
  const namesake = here.controllers.find(
    ({ name, apiAddress }) => name === joiner.name && apiAddress !== "" && apiAddress !== joiner.apiAddress,
  );
  if (namesake === undefined) return undefined;
  return {
    code: "join-name",
    message: `a controller named ${joiner.name} runs already, at ${namesake.apiAddress}`,
    hint: "Give this host another name, e.g. with hostnamectl, and try again.",
  };
}

/** The same major version, minor versions at most one apart: more would be too much for API servers side by side. */
function mayJoin(joining: string, present: string): boolean {
  const [a, b] = [joining, present].map((text) => /^v?(\d+)\.(\d+)\./.exec(text));
  if (a === null || b === null || a === undefined || b === undefined) return false;
  return a[1] === b[1] && Math.abs(Number(a[2]) - Number(b[2])) <= 1;
}
