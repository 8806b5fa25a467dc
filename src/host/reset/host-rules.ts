// Which netfilter objects and links are a cluster node's, by what its components leave. What the CNI plug-ins make is shared
// with podman and others: cni-rules.ts.

import { controllerRole } from "../../roles/controller.ts";
import { leftBy, recognizerOf, routingTablesOf } from "../../roles/folds/traces.ts";
import { workerRole } from "../../roles/worker.ts";

const all = [...controllerRole, ...workerRole];

export const isOurChain = recognizerOf(all, "chains");
export const isOurSet = recognizerOf(all, "sets");
export const isOurLink = recognizerOf(all, "links");
const isMarked = recognizerOf(all, "rules");

const ownTables = leftBy(all, "tables");
export const isOurTable = (name: string): boolean => ownTables.includes(name);

/** Numbers that our routes are marked with. */
export const routeProtocols = leftBy(all, "routeProtocol");
export const routingTables = routingTablesOf(all);

/** A rule of a built-in chain that one of our programs put there. */
export function isOurRule(rule: string): boolean {
  const target = jumpTarget(rule);
  if (target !== undefined && isOurChain(target)) return true;
  const set = /--match-set\s+(\S+)/.exec(rule)?.[1];
  if (set !== undefined && isOurSet(set)) return true;
  return isMarked(rule);
}

/** The chain that a rule goes to. */
export function jumpTarget(rule: string): string | undefined {
  return /(?:^|\s)(?:-j|-g|--jump|--goto)\s+(\S+)/.exec(rule)?.[1];
}
