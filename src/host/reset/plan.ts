// From what is there to what is to be done, in order. Pure: the plan can be shown before anything happens.
// Upstream: pkg/cleanup/cleanup.go.

import type { InstalledService } from "../service/installed.ts";
import type { NamedProcess, Observation, OwnDirectory } from "./observation.ts";

export type ResetStep =
  | { readonly kind: "remove-service"; readonly service: InstalledService }
  | {
      readonly kind: "end-processes";
      readonly managed: readonly NamedProcess[];
      readonly inPods: readonly NamedProcess[];
    }
  | { readonly kind: "remove-netns"; readonly path: string }
  | { readonly kind: "unmount"; readonly targets: readonly string[] }
  | { readonly kind: "delete-link"; readonly name: string }
  | {
      readonly kind: "clean-iptables";
      readonly family: "ip" | "ip6";
      readonly backend: "nft" | "legacy";
      readonly script: string;
    }
  | { readonly kind: "delete-nft-table"; readonly family: string; readonly name: string }
  | { readonly kind: "destroy-ipset"; readonly name: string }
  | { readonly kind: "delete-route"; readonly args: readonly string[] }
  | { readonly kind: "remove-cgroup"; readonly path: string }
  | { readonly kind: "delete-user"; readonly name: string; readonly uid: number }
  | { readonly kind: "delete"; readonly path: string }
  | ({ readonly kind: "delete-entries" } & Omit<OwnDirectory, "bytes">)
  | { readonly kind: "remove-if-empty"; readonly path: string };

/**
 * Processes first, because they would make again what is removed; rules that refer to sets before the sets; mounts
 * before directories; directories last, so that a reset that was interrupted still finds what tells it what was ours.
 */
export function planReset(seen: Observation): ResetStep[] {
  const steps: ResetStep[] = [];
  // First, so that a host which restarts in the middle of it does not start a new cluster.
  if (seen.service !== undefined) steps.push({ kind: "remove-service", service: seen.service });
  if (seen.managed.length + seen.inPods.length > 0) {
    steps.push({ kind: "end-processes", managed: seen.managed, inPods: seen.inPods });
  }
  for (const { family, backend, script } of seen.iptables)
    steps.push({ kind: "clean-iptables", family, backend, script });
  for (const { family, name } of [...seen.nftTables, ...seen.emptyTables])
    steps.push({ kind: "delete-nft-table", family, name });
  for (const name of seen.ipsets) steps.push({ kind: "destroy-ipset", name });
  for (const args of seen.routes) steps.push({ kind: "delete-route", args });
  for (const name of seen.links) steps.push({ kind: "delete-link", name });
  for (const path of seen.netns) steps.push({ kind: "remove-netns", path });
  if (seen.mounts.length > 0) steps.push({ kind: "unmount", targets: seen.mounts });
  for (const path of seen.cgroups) steps.push({ kind: "remove-cgroup", path });
  for (const { name, uid } of seen.users) steps.push({ kind: "delete-user", name, uid });
  for (const { path } of seen.paths) steps.push({ kind: "delete", path });
  for (const { bytes: _, ...directory } of seen.own) steps.push({ kind: "delete-entries", ...directory });
  // Only worth telling when there was something to do.
  if (steps.length > 0) for (const path of seen.maybeEmpty) steps.push({ kind: "remove-if-empty", path });
  return steps;
}
