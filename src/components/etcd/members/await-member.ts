// Before etcd is started to join: whether one of the members that it has to ask answers at its address in the cluster. etcd
// itself would end with "could not retrieve cluster information" and name none of them.

import { peerUnreachable } from "../quorum-trouble.ts";
import { UserError } from "../../../std/errors.ts";
import type { Logger } from "../../../std/log.ts";
import { sleep } from "../../../std/wait.ts";
import type { Waiting } from "../../../supervisor/waiting.ts";

export interface MemberWait {
  /** `name=url` entries, this host's own among them. */
  readonly initialCluster: readonly string[];
  readonly ownPeerUrl: string;
  readonly log: Logger;
  readonly waiting: Pick<Waiting, "because" | "over">;
  readonly signal: AbortSignal;
  readonly patienceMs?: number;
  readonly unreachable?: (url: string, signal: AbortSignal) => Promise<string | undefined>;
}

const pauseMs = 1_000;

/** Resolves when one answers; throws a UserError that names those that do not, when none has for a minute. */
export async function awaitMember(wait: MemberWait): Promise<void> {
  const { log, signal, waiting, patienceMs = 60_000, unreachable = peerUnreachable } = wait;
  const others = wait.initialCluster.filter((entry) => !entry.endsWith(`=${wait.ownPeerUrl}`));
  const until = performance.now() + patienceMs;
  for (;;) {
    const silent = await silentOnes(others, unreachable, signal);
    if (silent.length < others.length || others.length === 0) {
      for (const text of silent) log.warn("A member of the etcd cluster does not answer", { member: text });
      return waiting.over();
    }
    signal.throwIfAborted();
    const because = `no member of the etcd cluster answers: ${silent.join("; ")}`;
    if (performance.now() > until) throw nobodyAnswers(because);
    waiting.because({ message: because });
    await sleep(pauseMs, signal);
  }
}

async function silentOnes(
  entries: readonly string[],
  unreachable: NonNullable<MemberWait["unreachable"]>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const answers = await Promise.all(
    entries.map(async (entry) => {
      const at = entry.indexOf("=");
      const because = await unreachable(entry.slice(at + 1), signal);
      return because === undefined
        ? undefined
        : `${entry.slice(0, at)} at ${entry.slice(at + 1)}: ${because}`;
    }),
  );
  return answers.filter((answer) => answer !== undefined);
}

function nobodyAnswers(because: string): UserError {
  return new UserError(`cannot join: ${because}`, {
    code: "etcd-unreachable",
    hint: "Members reach each other at TCP port 2380: is a firewall in the way? If a controller has another address by now, start its k0s again, which tells etcd.",
  });
}
