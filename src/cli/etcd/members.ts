// `k0s etcd leave|member-list`. Upstream: cmd/etcd/leave.go, cmd/etcd/list.go.

import { isIp, joinHostPort, withoutBrackets } from "../../std/ip.ts";
import { retry } from "../../std/retry.ts";
import { UserError } from "../../std/errors.ts";
import { isUnhealthyCluster } from "../../components/etcd/errors.ts";
import type { EtcdMember } from "../../components/etcd/replies.ts";
import { askEtcd, askOptions } from "./ask.ts";
import { localMember } from "./member.ts";
import type { CliIo } from "../core/io.ts";

interface PathFlags {
  readonly dataDir: string;
  readonly statusSocket: string;
}

/** etcd changes its members only when all running ones have been connected for five seconds. */
const patience = { attempts: 15, everyMs: 1_000 };

export async function etcdMemberList(flags: PathFlags, io: CliIo): Promise<void> {
  const member = await localMember(flags, io);
  const members = await askEtcd((signal) => member.client.members({ signal }), askOptions(member, io));
  const list = Object.fromEntries(members.map(({ id, name, peerUrls }) => [name || id, peerUrls[0] ?? ""]));
  io.out(`${JSON.stringify({ members: list })}\n`);
}

export async function etcdLeave(
  flags: PathFlags & { readonly peerAddress: string },
  io: CliIo,
): Promise<void> {
  const local = await localMember(flags, io);
  const { client, config } = local;
  const asking = askOptions(local, io);
  const address = flags.peerAddress === "" ? config.spec.storage.etcd.peerAddress : flags.peerAddress;
  const peerUrl = `https://${joinHostPort(bare(address), 2380)}`;
  const members = await askEtcd((signal) => client.members({ signal }), asking);
  const member = members.find(({ peerUrls }) => peerUrls.includes(peerUrl));
  if (member === undefined) throw unknownMember(peerUrl, members);
  if (members.length === 1) {
    throw new UserError("the only member cannot leave the etcd cluster", {
      code: "last-member",
      hint: "Join another controller first, or end this cluster with `k0s reset`.",
    });
  }
  const remove = (signal: AbortSignal): Promise<void> =>
    retry(() => client.remove(member.id, { signal }), {
      what: "etcd leave",
      attempts: patience.attempts,
      backoff: { firstMs: patience.everyMs, longestMs: patience.everyMs },
      retryIf: isUnhealthyCluster,
      signal,
    });
  await askEtcd(remove, asking);
  if (address !== config.spec.storage.etcd.peerAddress) return;
  io.err(
    "This controller has left the etcd cluster: end it with `k0s stop`, then `k0s reset`. It joins again with a new token.\n",
  );
}

/** An address may come in brackets. */
function bare(address: string): string {
  const inner = withoutBrackets(address);
  return isIp(inner) ? inner : address;
}

function unknownMember(peerUrl: string, members: readonly EtcdMember[]): UserError {
  const known = members.map(({ name, peerUrls }) => `${name} (${peerUrls.join(", ")})`).join(", ");
  return new UserError(`no etcd member has the peer address ${peerUrl}`, {
    code: "unknown-member",
    hint: `Members are: ${known}`,
  });
}
