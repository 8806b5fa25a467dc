// One controller's way into a cluster, as two components: `join` asks whether it fits and takes over the cluster's CA,
// `etcd-membership` gets its place in etcd. Every phase can be killed and run again.
// Upstream: cmd/controller/controller.go, pkg/token/joinclient.go.

import { join } from "node:path";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import type { NodePaths } from "../../product/paths.ts";
import { readFileIfExists, statIfExists } from "../../os/files.ts";
import type { UserId } from "../../os/users.ts";
import { removeTree } from "../../os/removal.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import { joinHostPort } from "../../std/ip.ts";
import type { Logger } from "../../std/log.ts";
import type { Progress } from "../../std/progress.ts";
import { createWaiting } from "../../supervisor/waiting.ts";
import type { JoinToken } from "../../token/join-token.ts";
import { type JoinTokenSource, readJoinToken } from "../../token/read-token.ts";
import { etcdDeclaration } from "../etcd/declaration.ts";
import { etcdMemberName } from "../etcd/flags.ts";
import { awaitMember } from "../etcd/members/await-member.ts";
import { clusterFactsOf } from "./check-joiner.ts";
import { lastingFactsOf, writeClusterFacts } from "./cluster-facts.ts";
import { type JoinClient, joinClient } from "./client.ts";
import { readJoinState, writeJoinState } from "./state.ts";
import { observeJoin } from "./observe.ts";
import type { JoinPlan } from "./plan.ts";
import { writeClusterCa, writeEtcdCa } from "./write-ca.ts";
import { parseTrust, sharesAnchor } from "../../std/trust-bundle.ts";
import { etcdMembership, joinDeclaration, type JoinSession } from "./declaration.ts";

export interface JoinSessionOptions {
  readonly config: NodeConfig;
  readonly paths: NodePaths;
  readonly source: JoinTokenSource | undefined;
  readonly name: string;
  readonly version: string;
  readonly managedEtcd: boolean;
  /** The system users, by name. */
  readonly users: Pick<ReadonlyMap<string, UserId>, "get">;
  readonly log: Logger;
  readonly progress: Progress;
}

const withdrawMs = 5_000;
/** As long as one that answers takes, and a change of etcd's leader. */
const answerMs = 5_000;

/** A host that has joined needs no token, so a missing one does not matter; but one of another cluster is a mistake. */
async function assertSameCluster(source: JoinTokenSource, paths: NodePaths): Promise<void> {
  // Into a pipe nobody may write any more.
  if (source.kind === "file" && (await statIfExists(source.path))?.isFile() !== true) return;
  const token = await readJoinToken(source, "controller").catch(() => undefined);
  const caFile = join(paths.pkiDir, "ca.crt");
  const ca = await readFileIfExists(caFile);
  if (token === undefined || ca === undefined || sharesAnchor(token.ca, parseTrust(ca, caFile))) return;
  throw new UserError("this host belongs to another cluster than the join token", {
    code: "token-cluster",
    hint: "To join the other one, run `k0s reset` first. To keep this one, start it without the token.",
  });
}

export function joinSession(options: JoinSessionOptions): JoinSession {
  const { config, paths, managedEtcd, progress } = options;
  const log = options.log.with({ component: "join" });
  const memberDir = join(paths.etcdDataDir, "member");
  const peerAddress = `https://${joinHostPort(config.spec.storage.etcd.peerAddress, 2380)}`;
  let plan: JoinPlan = { kind: "none" };
  let active: { token: JoinToken; client: JoinClient } | undefined;
  let cluster: readonly string[] | undefined;
  let complete = false;

  const waiting = createWaiting({
    onReason: ({ message }) => {
      log.warn("Cannot join yet, trying again", { because: message });
      progress.wait(`joining: ${message}`);
    },
  });

  const begin = async (signal: AbortSignal): Promise<void> => {
    const { source } = options;
    plan = await observeJoin(paths, { managedEtcd, hasToken: source !== undefined });
    if (source === undefined) return;
    if (plan.kind === "none") return assertSameCluster(source, paths);
    const token = await readJoinToken(source, "controller");
    const client = joinClient({ token, waiting });
    active = { token, client };
    log.info("Joining a cluster", { server: token.server });
    const step = progress.step("joined the cluster");
    try {
      if (plan.kind !== "finish" || (await wasGivenUp(client, signal))) await takeOver(client, token, signal);
      step.done(token.server);
    } catch (err) {
      step.fail(err);
      throw err;
    }
  };

  /**
   * Whether the cluster counts this host out, whose etcd has begun already. No answer is none: of two members the other one
   * answers nobody before this one's etcd is there again, and etcd itself says when it was removed.
   */
  const wasGivenUp = async (client: JoinClient, signal: AbortSignal): Promise<boolean> => {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
    const counted = await client.isMember(peerAddress, patience).catch((err: unknown) => {
      signal.throwIfAborted();
      if (!patience.aborted) throw err;
      return undefined;
    });
    waiting.over();
    if (counted !== false) {
      log.info("Going on with the etcd member of an earlier try", { answered: counted !== undefined });
      return false;
    }
    log.warn("The cluster gave up on this member while it was away, joining anew");
    await removeTree(memberDir);
    plan = { kind: "join" };
    return true;
  };

  const takeOver = async (client: JoinClient, token: JoinToken, signal: AbortSignal): Promise<void> => {
    const { api } = config.spec;
    const clusterUid = await client.check(
      {
        name: options.name,
        version: options.version,
        apiAddress: joinHostPort(api.address, api.port),
        cluster: clusterFactsOf(config),
      },
      signal,
    );
    const ca = await client.ca(signal);
    await writeJoinState(paths.dataDir, { phase: "joining", server: token.server });
    await writeClusterCa(paths, ca);
    // Before its own datastore serves anything: another one would be an empty cluster behind the same name.
    if (clusterUid !== undefined)
      await writeClusterFacts(paths.dataDir, { ...lastingFactsOf(config), clusterUid });
    if (!managedEtcd) await writeJoinState(paths.dataDir, { phase: "member", server: token.server });
    log.info("Took over the cluster's certificate authority", { server: token.server });
  };

  const enter = async (signal: AbortSignal): Promise<void> => {
    if (plan.kind !== "join" || active === undefined) return;
    // What an earlier try left without a database is useless to etcd.
    await removeTree(memberDir);
    const { ca, initialCluster } = await active.client.admit(
      { node: etcdMemberName(options), peerAddress },
      signal,
    );
    cluster = initialCluster;
    log.info("This host has a place in the etcd cluster", { initialCluster: initialCluster.join(",") });
    await writeEtcdCa(paths, ca, options.users.get(etcdDeclaration.user)?.uid ?? 0);
    await awaitMember({ initialCluster, ownPeerUrl: peerAddress, log, waiting, signal });
  };

  /** A place that was given and never taken would block the next one who joins. */
  const rollBack = async (): Promise<void> => {
    if (cluster === undefined || complete || active === undefined) return;
    try {
      if (!(await active.client.withdraw(peerAddress, AbortSignal.timeout(withdrawMs)))) return;
      // Without its place the data are useless, and in the way of the next try.
      await removeTree(memberDir);
      log.info("Gave the place in the etcd cluster back");
    } catch (err) {
      log.warn("Cannot give the place in the etcd cluster back", { err: errorMessage(err) });
    }
  };

  const { inspect, observe } = waiting;

  return {
    join: { name: joinDeclaration.name, start: begin, stop: () => Promise.resolve(), inspect, observe },
    etcdMembership: (prepare) => ({
      ...etcdMembership,
      dependsOn: [joinDeclaration],
      start: async (signal) => {
        await enter(signal);
        await prepare();
      },
      stop: rollBack,
      inspect,
      observe,
    }),
    initialCluster: () => cluster,
    complete: async () => {
      complete = true;
      if (!managedEtcd) return;
      const before = await readJoinState(paths.dataDir);
      if (before?.phase === "member") return;
      const server = active?.token.server ?? before?.server;
      await writeJoinState(paths.dataDir, { phase: "member", ...(server === undefined ? {} : { server }) });
    },
  };
}
