// Asks this host's etcd member, and says what it waits for: without a quorum there is no answer for many seconds.

import { etcdListenUrl, etcdPeerUrls } from "../../components/etcd/flags.ts";
import { type MembersAway, membersAway } from "../../components/etcd/quorum-trouble.ts";
import { UserError } from "../../std/errors.ts";
import { boundedWait } from "../core/bounded-wait.ts";
import { etcdFailure, type LocalMember } from "./member.ts";
import type { CliIo } from "../core/io.ts";

export interface AskOptions {
  readonly io: Pick<CliIo, "err" | "signal">;
  /** Rejects when this host's member does not run: then nothing is known about the others. */
  readonly look: () => Promise<MembersAway>;
  /** After this many milliseconds without an answer k0s says what it waits for. */
  readonly noticeMs?: number;
}

export function askOptions({ config, paths }: LocalMember, io: CliIo): AskOptions {
  const own = {
    listenUrl: etcdListenUrl(config),
    peerUrls: etcdPeerUrls(config),
    etcdPkiDir: paths.etcdPkiDir,
  };
  return { io, look: () => membersAway(own) };
}

/** Rejects with a UserError that names the members that are away, if those that are left have no quorum. */
export function askEtcd<T>(ask: (signal: AbortSignal) => Promise<T>, options: AskOptions): Promise<T> {
  return boundedWait(
    (signal) => askOnce(() => ask(signal), options),
    { what: "the etcd member of this host" },
    options.io,
  );
}

async function askOnce<T>(ask: () => Promise<T>, { io, look, noticeMs = 2_000 }: AskOptions): Promise<T> {
  const seen = async (): Promise<MembersAway> =>
    look().catch(() => ({ away: [], addresses: [], quorumIsLost: false }));
  let over = false;
  const timer = setTimeout(() => {
    void seen().then(({ away }) => {
      if (over) return;
      const who = away.length === 0 ? "" : `; these do not answer: ${away.join("; ")}`;
      io.err(`Waiting for etcd to answer${who}\n`);
    });
  }, noticeMs);
  try {
    return await ask();
  } catch (err) {
    if (io.signal.aborted) throw err;
    const { away, quorumIsLost } = await seen();
    if (!quorumIsLost) return etcdFailure(err);
    throw new UserError(`etcd has no quorum: ${away.join("; ")}`, {
      code: "no-quorum",
      hint: "Start k0s there again: more than half of the members have to answer. Until then nothing can be written, and no member can be added or removed.",
      cause: err,
    });
  } finally {
    over = true;
    clearTimeout(timer);
  }
}
