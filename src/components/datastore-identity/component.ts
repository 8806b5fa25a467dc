// Whether this is the datastore of this controller's cluster. Checked before kube-apiserver may serve from it: kubelets
// that are shown an empty cluster, or another one, end their pods and delete the pods' volumes.

import { posix } from "node:path";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import { clusterFactsPath, readClusterFacts } from "../controller-join/cluster-facts.ts";
import { UserError } from "../../std/errors.ts";
import { lastFlagValue } from "../../std/flags.ts";
import type { Component, Dependency } from "../../supervisor/component.ts";
import { unlessAborted } from "../../std/wait.ts";
import type { ControllerNode } from "../node-facts.ts";
import { awaitedService } from "../../supervisor/wait-for-service.ts";
import { datastoreIdentityDeclaration } from "./declaration.ts";

export interface DatastoreAccess {
  /** For people, without passwords: `sqlite:///var/lib/k0s/db/state.db`. */
  readonly what: string;
  /** Before the keys of kube-apiserver; default: its own `--etcd-prefix`. */
  readonly prefix?: string;
  /** The value of a key, undefined if there is none; throws while the datastore does not answer. */
  readonly read: (key: string, signal: AbortSignal) => Promise<Uint8Array | undefined>;
  /** Nobody reads any more; default: nothing is to be done. */
  readonly close?: () => void;
}

/** Less than a health check may take: what is slow is not wrong. */
const healthMs = 3_000;

/** What kube-apiserver waits for: the datastore answers and is that of this cluster. */
export function datastoreIdentity(
  node: Pick<ControllerNode, "config" | "paths" | "log">,
  { after, ...access }: DatastoreAccess & { /** The component that answers. */ readonly after: Dependency },
): Component {
  const { what } = access;
  const { log } = node;
  const service = awaitedService({
    name: datastoreIdentityDeclaration.name,
    what,
    log,
    problem: async (signal) => {
      await assertOwnDatastore(node, access, signal);
      return undefined;
    },
  });
  return {
    ...service,
    dependsOn: [after],
    stop: async () => {
      await service.stop();
      access.close?.();
    },
    health: async (signal) => {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(healthMs)]);
      const [look] = await Promise.allSettled([
        unlessAborted(assertOwnDatastore(node, access, patience), patience),
      ]);
      // That it does not answer is told by the datastore itself.
      if (look.status === "rejected" && look.reason instanceof UserError) throw look.reason;
    },
  };
}

/** Throws a UserError if it is not that of the cluster, and anything else while it does not answer. */
export async function assertOwnDatastore(
  { config, paths: { dataDir } }: Pick<ControllerNode, "config" | "paths">,
  { what, read, prefix = etcdPrefix(config) }: DatastoreAccess,
  signal: AbortSignal,
): Promise<void> {
  const noted = (await readClusterFacts(dataDir))?.clusterUid;
  if (noted === undefined) return;
  assertSameCluster({ noted, stored: await read(namespaceKey(prefix), signal), what, dataDir });
}

function etcdPrefix({ spec }: NodeConfig): string {
  const { extraArgs, rawArgs } = spec.api;
  return lastFlagValue(rawArgs, "etcd-prefix") ?? extraArgs["etcd-prefix"] ?? "/registry";
}

/** Where kube-apiserver keeps the namespace kube-system, whose uid is the identity of a cluster. */
export function namespaceKey(prefix: string): string {
  return posix.join("/", prefix, "namespaces/kube-system");
}

/** The first uid in a stored object, protobuf or JSON, is its own. None where namespaces are encrypted. */
function uidIn(object: Uint8Array): string | undefined {
  return /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(Buffer.from(object).toString("latin1"))?.[0];
}

interface Comparison {
  /** The uid of kube-system that this controller has seen. */
  readonly noted: string;
  /** The namespace kube-system in the datastore, as kube-apiserver has encoded it. */
  readonly stored: Uint8Array | undefined;
  readonly what: string;
  readonly dataDir: string;
}

/** Throws a UserError if another cluster is in it, or none. */
export function assertSameCluster({ noted, stored, what, dataDir }: Comparison): void {
  if (stored === undefined)
    throw otherDatastore(`${what} holds nothing of the cluster that this controller belongs to`, dataDir);
  const found = uidIn(stored);
  if (found === undefined || found === noted) return;
  const problem = `${what} holds another cluster (${found}) than the one that this controller belongs to (${noted})`;
  throw otherDatastore(problem, dataDir);
}

/** Of a datastore that is not the one of this cluster. */
export function otherDatastore(problem: string, dataDir: string): UserError {
  return new UserError(problem, {
    code: "other-datastore",
    hint: `Kubelets would end their pods and delete the pods' volumes. Put the datastore back, or name the right one in spec.storage. To begin a new cluster, run \`k0s reset\` first. To go on with this one nevertheless, remove ${clusterFactsPath(dataDir)}.`,
  });
}
