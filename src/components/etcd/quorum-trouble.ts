// Why a member that runs does not answer: which of the others it cannot reach, as it knows them itself. It serves no
// client before it has agreed with the others, so this is asked at the address for peers.
// Upstream: go.etcd.io/etcd/server/v3/etcdserver/api/rafthttp (/members).

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { unreachableBecause } from "../../os/tcp-reachable.ts";
import { directFetch } from "../../std/direct-fetch.ts";
import { withoutBrackets } from "../../std/ip.ts";
import { leavingAddress } from "./members/leaving-address.ts";
import { parseTrust } from "../../std/trust-bundle.ts";

/** As it tells its peers; the ids are left out, they do not survive being read as numbers. */
const peerView = z.array(
  z.object({ name: z.string().default(""), peerURLs: z.array(z.string()).default([]) }),
);
export type PeerView = z.output<typeof peerView>;

export interface QuorumWatchOptions {
  readonly memberName: string;
  /** Where the others are to reach this member. */
  readonly peerUrls: readonly string[];
  /** Where this member listens for them. */
  readonly listenUrl: string;
  readonly etcdPkiDir: string;
}

export interface QuorumWatch {
  /** What was found out last; looks again now and then, without making anybody wait. */
  because(): string | undefined;
}

const everyMs = 5_000;
const askMs = 3_000;
const reachMs = 2_000;

export function quorumWatch(options: QuorumWatchOptions): QuorumWatch {
  let text: string | undefined;
  let nextAt = 0;
  const look = async (): Promise<void> => {
    const view = await askOwnPeerAddress(options);
    text = await quorumTrouble(view, options, AbortSignal.timeout(askMs));
  };
  return {
    because() {
      if (performance.now() >= nextAt) {
        nextAt = performance.now() + everyMs;
        // It does not listen yet, or has ended: then others say what is wrong.
        look().catch(() => (text = undefined));
      }
      return text;
    },
  };
}

/** One look: which members do not answer at their peers' address. Rejects when this host's own member does not. */
export async function membersAway(
  own: Pick<QuorumWatchOptions, "listenUrl" | "etcdPkiDir" | "peerUrls">,
): Promise<MembersAway> {
  return findMembersAway(await askOwnPeerAddress(own), own.peerUrls, AbortSignal.timeout(askMs));
}

export interface MembersAway {
  /** `NAME at URL: why`, one for each. */
  readonly away: readonly string[];
  /** What `k0s etcd leave --peer-address` takes for them. */
  readonly addresses: readonly string[];
  /** More are away than a majority allows. */
  readonly quorumIsLost: boolean;
}

export async function findMembersAway(
  members: PeerView,
  ownUrls: readonly string[],
  signal: AbortSignal,
  reach: Reach = peerUnreachable,
): Promise<MembersAway> {
  const others = members.filter(({ peerURLs }) => !peerURLs.some((url) => ownUrls.includes(url)));
  const looks = await Promise.all(
    others.map(async ({ name, peerURLs }) => ({
      problem: await describe({ name, peerURLs }, signal, reach),
      address: leavingAddress(peerURLs),
    })),
  );
  const silent = looks.filter(({ problem }) => problem !== undefined);
  const away = silent.flatMap(({ problem }) => problem ?? []);
  const addresses = silent.flatMap(({ address }) => address ?? []);
  return { away, addresses, quorumIsLost: (members.length - away.length) * 2 <= members.length };
}

async function askOwnPeerAddress({
  listenUrl,
  etcdPkiDir,
}: Pick<QuorumWatchOptions, "listenUrl" | "etcdPkiDir">): Promise<PeerView> {
  const [ca = "", cert, key] = await Promise.all(
    ["ca.crt", "peer.crt", "peer.key"].map((name) => readFile(join(etcdPkiDir, name), "utf8")),
  );
  const answer = await directFetch(`${listenUrl}/members`, {
    tls: { ca: parseTrust(ca, join(etcdPkiDir, "ca.crt")).pem, cert, key },
    signal: AbortSignal.timeout(askMs),
  });
  return peerView.parse(await answer.json());
}

type Reach = (url: string, signal: AbortSignal) => Promise<string | undefined>;

/** A sentence, or undefined if no member is to blame. */
export async function quorumTrouble(
  members: PeerView,
  own: Pick<QuorumWatchOptions, "memberName" | "peerUrls">,
  signal: AbortSignal,
  reach: Reach = peerUnreachable,
): Promise<string | undefined> {
  const others = members.filter(({ name }) => name !== own.memberName);
  const problems = await Promise.all(others.map((member) => describe(member, signal, reach)));
  const away = problems.filter((problem) => problem !== undefined);
  const known = members.find(({ name }) => name === own.memberName)?.peerURLs ?? [];
  // A single member needs no other.
  const moved = others.length > 0 && !known.every((url) => own.peerUrls.includes(url));
  const parts = [
    ...away,
    ...(moved
      ? [`the others know this member at ${known.join(", ")}, it is at ${own.peerUrls.join(", ")} now`]
      : []),
  ];
  return parts.length === 0 ? undefined : `etcd has no quorum: ${parts.join("; ")}`;
}

async function describe(
  { name, peerURLs }: PeerView[number],
  signal: AbortSignal,
  reach: Reach,
): Promise<string | undefined> {
  for (const url of peerURLs) {
    const because = await reach(url, signal);
    if (because !== undefined) return `${name === "" ? "a member" : name} at ${url}: ${because}`;
  }
  return undefined;
}

/** Why nobody answers at a peer URL; undefined if somebody does. */
export function peerUnreachable(url: string, signal: AbortSignal): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  const host = withoutBrackets(hostname);
  return unreachableBecause({ host, port: Number(port) }, { timeoutMs: reachMs, signal });
}
