// Chains and tables of the CNI plug-ins portmap, bridge and ptp. podman, nerdctl and CRI-O use the same plug-ins: only
// a rule that names one of our networks, or one of our containers, is ours.

import { controllerRole } from "../../roles/controller.ts";
import { leftBy } from "../../roles/folds/traces.ts";
import { workerRole } from "../../roles/worker.ts";
import { jumpTarget } from "./host-rules.ts";

const ownNetworks = leftBy([...controllerRole, ...workerRole], "cniNetwork");

export const isOwnNetwork = (name: string): boolean => ownNetworks.includes(name);

export const isCniChain = (name: string): boolean => name.startsWith("CNI-");

/** portmap's own plumbing, in which the rules of all networks meet. */
const isPlumbing = (chain: string): boolean => chain.startsWith("CNI-HOSTPORT-");

export interface ChainRule {
  readonly chain: string;
  readonly text: string;
}

/** What is ours of the plug-ins' part of one table of iptables. */
export function planCniCleanup(
  chains: readonly string[],
  rules: readonly ChainRule[],
): { readonly chains: readonly string[]; readonly rules: readonly ChainRule[] } {
  const named = rules.filter(({ text }) => namesOwnNetwork(text));
  const ours = new Set(named.flatMap(({ text }) => jumpTarget(text) ?? []).filter(isContainerChain));
  const others = chains.some((name) => isContainerChain(name) && !ours.has(name));
  const meeting = rules.filter(
    ({ chain, text }) => isPlumbing(chain) && isContainerChain(jumpTarget(text) ?? ""),
  );
  // Where only our rules meet, the plumbing was made for them; portmap makes it again when somebody else needs it.
  const idle = named.length > 0 && !others && meeting.every((rule) => named.includes(rule));
  const gone = chains.filter((name) => ours.has(name) || (idle && isPlumbing(name)));
  const isGone = (name: string | undefined): boolean => name !== undefined && gone.includes(name);
  return {
    chains: gone,
    rules: rules.filter(
      (rule) => !isGone(rule.chain) && (named.includes(rule) || isGone(jumpTarget(rule.text))),
    ),
  };
}

function isContainerChain(name: string): boolean {
  return isCniChain(name) && !isPlumbing(name);
}

/** The plug-ins comment their rules: `dnat name: "NETWORK" id: "CONTAINER"`, with quotes escaped by iptables-save. */
function namesOwnNetwork(rule: string): boolean {
  const network = /--comment\s+"[^"]*?name: \\"([^"\\]+)\\"/.exec(rule)?.[1];
  return network !== undefined && isOwnNetwork(network);
}

const pluginTables: ReadonlySet<string> = new Set(["cni_hostport", "cni_plugins_masquerade"]);
export const isCniTable = (name: string): boolean => pluginTables.has(name);

/** From the text of `nft list table`: whether it has rules of containers, and all of them are ours. */
export function isOnlyOurs(listing: string, containers: readonly string[]): boolean {
  const comments = [...listing.matchAll(/\bcomment "([^"]*)"/g)].map(([, comment = ""]) => comment);
  const isOurs = (comment: string): boolean =>
    containers.some((id) => comment.includes(id)) ||
    ownNetworks.some((network) => new RegExp(String.raw`\b(net|name): "?${network}\b`).test(comment));
  return comments.length > 0 && comments.every(isOurs);
}
