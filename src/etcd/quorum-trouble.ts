// Why a member that runs does not answer: which of the others it cannot reach, as it knows them itself.

import { unreachableBecause } from "../os/tcp-reachable.ts";
import type { EtcdClient } from "./client.ts";
import type { EtcdMember } from "./replies.ts";

type Reach = (url: string, signal: AbortSignal) => Promise<string | undefined>;

const reachMs = 2_000;

/** A sentence, or undefined if nothing can be said. `wanted`: the addresses that this member has now. */
export async function quorumTrouble(
  client: EtcdClient,
  wanted: readonly string[],
  signal: AbortSignal,
  reach: Reach = peerUnreachable,
): Promise<string | undefined> {
  const [members, status] = await Promise.all([
    // Without agreement of the others, which is what is missing.
    client.members({ signal, agreed: false }),
    client.status({ signal }),
  ]);
  if (status.leader !== "0") return undefined;
  const others = members.filter(({ id }) => id !== status.memberId);
  const problems = await Promise.all(others.map((member) => describe(member, signal, reach)));
  const away = problems.filter((problem) => problem !== undefined);
  const own = members.find(({ id }) => id === status.memberId);
  const moved = own !== undefined && !own.peerUrls.every((url) => wanted.includes(url));
  const parts = [
    ...away,
    ...(moved
      ? [`the others know this member at ${own.peerUrls.join(", ")}, it is at ${wanted.join(", ")} now`]
      : []),
  ];
  return parts.length === 0 ? undefined : `etcd has no leader: ${parts.join("; ")}`;
}

async function describe(member: EtcdMember, signal: AbortSignal, reach: Reach): Promise<string | undefined> {
  for (const url of member.peerUrls) {
    const because = await reach(url, signal);
    if (because !== undefined)
      return `${member.name === "" ? "a member" : member.name} at ${url}: ${because}`;
  }
  return undefined;
}

/** Why nobody answers at a peer URL; undefined if somebody does. */
export function peerUnreachable(url: string, signal: AbortSignal): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return unreachableBecause({ host, port: Number(port) }, { timeoutMs: reachMs, signal });
}
