// What to do about members of etcd. A command that takes one out names it always: `k0s etcd leave` alone takes out the member of
// the host on which it is typed, which may be the last one that is well. Pure.

import { leavingAddress } from "./leaving-address.ts";
import type { EtcdMember } from "../replies.ts";

/** For members that do not answer; `addresses` of those that `k0s etcd leave` can name. */
export function awayRemedy(addresses: readonly string[], quorumIsLost: boolean): string {
  const start = "start the controllers that are down, or open TCP port 2380 between them";
  if (quorumIsLost) return `${start}; none can be taken out before more than half of the members answer`;
  const commands = addresses.map((address) => `\`${leaveCommand(address)}\``).join(", ");
  return `${start}; a host that will not come back is taken out ${commands === "" ? "with k0s etcd leave and its --peer-address" : `with ${commands}`}`;
}

/** For an alarm that says that a member's data are damaged. */
export function damageRemedy(memberId: string, members: readonly EtcdMember[]): string {
  const member = members.find(({ id }) => id === memberId);
  if (member === undefined)
    return "the data of a member are damaged: `k0s logs etcd` of each controller tells whose; take that one alone out of the cluster, with k0s etcd leave and its --peer-address, and let it join again";
  if (members.length === 1)
    return "the data of the only member are damaged: stop k0s, and put them back from a backup";
  const address = leavingAddress(member.peerUrls);
  const how =
    address === undefined
      ? "with k0s etcd leave and its --peer-address"
      : `with \`${leaveCommand(address)}\``;
  return `the data of ${member.name === "" ? "this member" : member.name} are damaged: take it out of the cluster ${how}, and let it join again`;
}

function leaveCommand(address: string): string {
  return `k0s etcd leave --peer-address=${address}`;
}
