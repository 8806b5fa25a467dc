// The managed etcd member. Upstream: pkg/component/controller/etcd.go.

import { type EtcdTls, fetchTls, localEndpoint, localEtcdClient, localEtcdTls } from "./client.ts";
import { etcdDeclaration, type EtcdNeeds } from "./declaration.ts";
import { etcdMaintenance } from "./maintenance/component.ts";
import { leaveCluster } from "./members/leave.ts";
import { etcdPeerAddress } from "./members/peer-address.ts";
import { datastoreIdentity } from "../datastore-identity/component.ts";
import { etcdReader } from "../datastore-identity/value.ts";
import { hasMemberData } from "./member-data.ts";
import { quorumWatch } from "./quorum-trouble.ts";
import { saysRemoved } from "./removal.ts";
import { chownTree, ensureDir } from "../../os/files.ts";
import { describeConnectionFailure } from "../../std/connection-failure.ts";
import { directFetch } from "../../std/direct-fetch.ts";
import { UserError } from "../../std/errors.ts";
import type { Component, ComponentListener } from "../../supervisor/component.ts";
import { logLevelOf } from "../../supervisor/declaration.ts";
import { type NodeProcessSpec, processOptions } from "../../supervisor/node-process.ts";
import { processComponent } from "../../supervisor/process-component.ts";
import { etcdArgs, etcdListenUrl, etcdMemberName, etcdPeerUrls } from "./flags.ts";
import type { ControllerNode } from "../node-facts.ts";
import { etcdMembership } from "../controller-join/declaration.ts";
import { datastoreProgram } from "../staging.ts";

/** The member, whether it is that of this cluster, and what is done for it while it runs. */
export function etcdDatastore(node: ControllerNode & EtcdNeeds): readonly Component[] {
  const { config, paths, log } = node;
  const client = localEtcdClient(paths);
  const reader = etcdReader();
  return [
    etcd(node),
    datastoreIdentity(node, {
      after: etcdDeclaration,
      what: `etcd's data in ${paths.etcdDataDir}`,
      read: async (key, signal) =>
        reader.read({ endpoint: localEndpoint, tls: await localEtcdTls(paths) }, key, signal),
      close: () => reader.close(),
    }),
    etcdPeerAddress({ client, peerUrls: etcdPeerUrls(config), log }),
    etcdMaintenance({
      client,
      turns: node.alone ? undefined : { kube: node.leaseClient, holder: node.holder },
      runDir: paths.runDir,
      log,
    }),
  ];
}

function etcd(node: ControllerNode & EtcdNeeds): Component {
  const { config, paths, session, departure } = node;
  const memberName = etcdMemberName(node);
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
    if (!served || removed || !saysRemoved(line)) return false;
    removed = true;
    // No other start would end otherwise. The component's own stop does it again, and tells what is wrong with it.
    void Promise.allSettled([member?.stop()]);
    departure.begin({ kind: "removed", text: "was removed from its etcd cluster" });
    return false;
  };
  return {
    name: etcdDeclaration.name,
    dependsOn: [datastoreProgram, etcdMembership],
    init: async () => {
      const owner = { uid: node.user(etcdDeclaration.user)?.uid ?? 0, gid: 0 };
      await ensureDir(paths.etcdDataDir, { mode: 0o700, ...owner });
      await chownTree(paths.etcdDataDir, owner.uid, owner.gid);
    },
    start: (signal) => {
      const initialCluster = session.initialCluster();
      const args = etcdArgs({
        config,
        paths,
        memberName,
        logLevel: logLevelOf(etcdDeclaration, node.logLevels),
        ...(initialCluster === undefined ? {} : { join: initialCluster }),
      });
      member = memberProcess(node, memberName, { args, beforeStart, onLine });
      if (listener !== undefined) member.observe?.(listener);
      return member.start(signal);
    },
    ready: async (signal) => {
      await member?.ready?.(signal);
      served = true;
      await session.complete();
    },
    health: async (signal) => member?.health?.(signal),
    stop: async () => {
      if (departure.reason?.kind === "asked") await leaveCluster(localEtcdClient(paths), node.log);
      await member?.stop();
    },
    inspect: () => member?.inspect?.() ?? {},
    observe: (told) => {
      listener = told;
    },
  };
}

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
  node: ControllerNode,
  memberName: string,
  process: Pick<NodeProcessSpec, "args" | "beforeStart" | "onLine">,
): Component {
  const { paths } = node;
  const quorum = quorumWatch({
    memberName,
    peerUrls: etcdPeerUrls(node.config),
    listenUrl: etcdListenUrl(node.config),
    etcdPkiDir: paths.etcdPkiDir,
  });
  const component: Component = processComponent({
    process: processOptions(node, etcdDeclaration.name, {
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
  if (!lines.some(saysRemoved)) return;
  throw new UserError("this host was removed from the etcd cluster", {
    code: "etcd-removed",
    hint: "Run `k0s reset`, then start it again with a new join token.",
  });
}
