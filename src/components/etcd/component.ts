// The managed etcd member. Upstream: pkg/component/controller/etcd.go.

import { type EtcdTls, fetchTls, localEtcdTls } from "./client.ts";
import { etcdDeclaration } from "./declaration.ts";
import { hasMemberData } from "./member-data.ts";
import { quorumWatch } from "./quorum-trouble.ts";
import { chownTree, ensureDir } from "../../os/files.ts";
import { describeConnectionFailure } from "../../std/connection-failure.ts";
import { directFetch } from "../../std/direct-fetch.ts";
import { UserError } from "../../std/errors.ts";
import type { Component, ComponentListener } from "../../supervisor/component.ts";
import { type NodeProcessSpec, processOptions } from "../../supervisor/node-process.ts";
import { processComponent } from "../../supervisor/process-component.ts";
import { etcdArgs, etcdListenUrl, etcdPeerUrls } from "./flags.ts";
import type { ProcessContext } from "../process-context.ts";

export interface EtcdOptions {
  readonly memberName: string;
  readonly logLevel: string;
  /** Asked at the start: known once this host has joined. Undefined: a new cluster, or data that know it. */
  readonly initialCluster?: () => readonly string[] | undefined;
  /** Called when the member answers for the first time. */
  readonly onReady?: () => Promise<void>;
  /** Called when others have removed this member while it ran: it ends, and no restart brings it back. */
  readonly onRemoved?: () => void;
  /** Before the process is stopped: leaves the cluster if it should. */
  readonly beforeStop?: () => Promise<void>;
}

export function etcd(context: ProcessContext, options: EtcdOptions): Component {
  const { config, paths } = context;
  let member: Component | undefined;
  let listener: ComponentListener | undefined;
  let served = false;
  /** A first member would make a new cluster, and kube-apiserver, which runs, would show it to kubelets. */
  const beforeStart = async (): Promise<void> => {
    if (!served || (await hasMemberData(paths.etcdDataDir))) return;
    throw new Error(
      `the data of etcd are gone, there is no log in ${paths.etcdDataDir}/member/wal: put them back, or take this member out of its cluster`,
    );
  };
  let removed = false;
  /** Before it has served, the start ends over it. The line is logged all the same. */
  const onLine = (line: string): boolean => {
    if (!served || removed || !line.includes(removedWords)) return false;
    removed = true;
    // No other start would end otherwise. The component's own stop does it again, and tells what is wrong with it.
    void Promise.allSettled([member?.stop()]);
    options.onRemoved?.();
    return false;
  };
  return {
    name: "etcd",
    init: async () => {
      const owner = { uid: context.user(etcdDeclaration.user)?.uid ?? 0, gid: 0 };
      await ensureDir(paths.etcdDataDir, { mode: 0o700, ...owner });
      await chownTree(paths.etcdDataDir, owner.uid, owner.gid);
    },
    start: (signal) => {
      const initialCluster = options.initialCluster?.();
      const args = etcdArgs({
        config,
        paths,
        ...options,
        ...(initialCluster === undefined ? {} : { join: initialCluster }),
      });
      member = memberProcess(context, options.memberName, { args, beforeStart, onLine });
      if (listener !== undefined) member.observe?.(listener);
      return member.start(signal);
    },
    ready: async (signal) => {
      await member?.ready?.(signal);
      served = true;
      await options.onReady?.();
    },
    health: async (signal) => member?.health?.(signal),
    stop: async () => {
      await options.beforeStop?.();
      await member?.stop();
    },
    inspect: () => member?.inspect?.() ?? {},
    observe: (told) => {
      listener = told;
    },
  };
}

/** What etcd logs, and then it ends, when others have removed it. */
const removedWords = "the member has been permanently removed from the cluster";

/** Undefined when it answers and is well. */
async function healthProblem(tls: EtcdTls, signal: AbortSignal): Promise<string | undefined> {
  try {
    // A used up quota is what etcd-maintenance is for, which waits for this.
    const answer = await directFetch("https://127.0.0.1:2379/health?exclude=NOSPACE", {
      tls: fetchTls(tls),
      signal,
    });
    const { health, reason } = (await answer.json()) as { health?: string; reason?: string };
    return health === "true" ? undefined : `etcd is not well (${reason ?? "for no known reason"})`;
  } catch (err) {
    signal.throwIfAborted();
    const problem = describeConnectionFailure(err);
    if (problem === undefined) throw err;
    return problem;
  }
}

function memberProcess(
  context: ProcessContext,
  memberName: string,
  process: Pick<NodeProcessSpec, "args" | "beforeStart" | "onLine">,
): Component {
  const { paths } = context;
  const quorum = quorumWatch({
    memberName,
    peerUrls: etcdPeerUrls(context.config),
    listenUrl: etcdListenUrl(context.config),
    etcdPkiDir: paths.etcdPkiDir,
  });
  const component: Component = processComponent({
    process: processOptions(context, etcdDeclaration.name, {
      user: etcdDeclaration.user,
      keepsPrefix: true,
      ...process,
    }),
    readiness: {
      // A learner does not answer until it is promoted, so this waits for that too.
      what: "https://127.0.0.1:2379/health",
      intervalMs: 50,
      probe: async (signal) => {
        failIfRemoved(component);
        const problem = await healthProblem(await localEtcdTls(paths), signal);
        if (problem === undefined) return true;
        throw new Error(quorum.because() ?? problem);
      },
    },
  });
  return component;
}

function failIfRemoved(component: Component): void {
  const lines = component.inspect?.().lastOutput ?? [];
  if (!lines.some((line) => line.includes(removedWords))) return;
  throw new UserError("this host was removed from the etcd cluster", {
    code: "etcd-removed",
    hint: "Run `k0s reset`, then start it again with a new join token.",
  });
}
