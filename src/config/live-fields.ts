// Which fields a running cluster takes up, and why it does not take up the others. What is a section of the cluster changes,
// what is a controller's own does not (changing-fields.ts, fixed-fields.ts); here are the exceptions of both, by their paths.

import type { YamlPath } from "../std/yaml-positions.ts";
import { type ClusterField, clusterNetworkFields, clusterSections } from "./changing-fields.ts";
import { nodeNetworkFields, nodeSections } from "./fixed-fields.ts";

/** Of a controller's own file, and followed while it runs all the same: it takes no more than a start of a process. */
const liveNodeFields = ["api.extraArgs", "api.rawArgs"] as const;

/** A field that can be followed, as components name it; more of its path may be added with dots. */
export type LiveField = ClusterField | (typeof liveNodeFields)[number];
export type FollowedField = LiveField | `${LiveField}.${string}`;

/** Parts of the cluster's fields that are what it was made with, each with the reason. */
const fixedParts: Readonly<Record<string, string>> = {
  "network.kubeProxy.disabled":
    "what else sends traffic to Services is there or is not; it counts from the next start of k0s on every node",
  "network.nodeLocalLoadBalancing.enabled":
    "nodes reach the API by it or not; it counts from the next start of k0s on every node",
  "network.nodeLocalLoadBalancing.type":
    "it decides on the ports; it counts from the next start of k0s on every node",
};

const reasons: Readonly<Record<string, string>> = {
  ...nodeSections,
  ...Object.fromEntries(Object.entries(nodeNetworkFields).map(([name, why]) => [`network.${name}`, why])),
  ...fixedParts,
};

/** Why a running cluster does not take up a change at this place; undefined if it does. */
export function whyFixed(path: YamlPath): string | undefined {
  const field = fieldText(path);
  if (liveNodeFields.some((live) => within(field, live))) return undefined;
  const at = Object.keys(reasons).find((fixed) => within(field, fixed));
  return at === undefined ? undefined : reasons[at];
}

/** Whether a change at this place is the cluster's all the same, and counts from the next start. */
export function countsFromStart(path: YamlPath): boolean {
  const field = fieldText(path);
  return Object.keys(fixedParts).some((fixed) => within(field, fixed));
}

/** Whether a change at this place concerns who follows that field: it lies in it, or above it. */
export function concerns(path: YamlPath, followed: FollowedField): boolean {
  const field = fieldText(path);
  return within(field, followed) || within(followed, field);
}

/** All that can be followed. */
export function liveFields(): readonly LiveField[] {
  const sections = Object.keys(clusterSections) as (keyof typeof clusterSections)[];
  const network = Object.keys(clusterNetworkFields) as (keyof typeof clusterNetworkFields)[];
  return [...sections, ...network.map((name) => `network.${name}` as const), ...liveNodeFields];
}

function within(field: string, outer: string): boolean {
  return field === outer || field.startsWith(`${outer}.`);
}

/** Without `spec`. */
function fieldText(path: YamlPath): string {
  return path.slice(1).join(".");
}
