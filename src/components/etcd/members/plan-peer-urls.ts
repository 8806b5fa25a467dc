// Whether etcd knows a member by the address that it has now: etcd remembers the one of the first start. Pure.

import type { EtcdMember } from "../replies.ts";
import { withoutBrackets } from "../../../std/ip.ts";

export type PeerUrlsStep =
  | { readonly action: "keep" }
  | { readonly action: "update"; readonly from: readonly string[] }
  /** Another member has that address: etcd would refuse it. */
  | { readonly action: "refuse"; readonly by: EtcdMember }
  /** The member is not in the list: it has been removed, or was never added. */
  | { readonly action: "unknown" };

export function planPeerUrls(
  members: readonly EtcdMember[],
  memberId: string,
  wanted: readonly string[],
): PeerUrlsStep {
  const own = members.find(({ id }) => id === memberId);
  if (own === undefined) return { action: "unknown" };
  const present = new Set(own.peerUrls);
  if (present.size === wanted.length && wanted.every((url) => present.has(url))) return { action: "keep" };
  const by = members.find(
    ({ id, peerUrls }) => id !== memberId && peerUrls.some((url) => wanted.includes(url)),
  );
  return by === undefined ? { action: "update", from: own.peerUrls } : { action: "refuse", by };
}

/** The host of a member's first peer URL, without brackets; empty if it has none. */
export function peerAddressOf({ peerUrls }: Pick<EtcdMember, "peerUrls">): string {
  return withoutBrackets(URL.parse(peerUrls[0] ?? "")?.hostname ?? "");
}
