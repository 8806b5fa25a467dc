// What the cluster was made with and cannot change: addresses of services and pods are in its objects, and its objects
// are in its datastore. Kept in `<data>/cluster-facts.json` since the API answered first, so that a changed
// configuration is refused before it does harm: another network of services leaves the DNS at an address that no
// Service can get, another datastore is an empty second cluster with the first one's certificates. The uid of its
// namespace kube-system tells which datastore it is.

import { join } from "node:path";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import * as z from "zod";
import { externalEtcdOf } from "../../config/derived.ts";
import type { KubeClient } from "../../kube/client.ts";
import { readFileIfExists, writeFileIfChanged } from "../../os/files.ts";
import { UserError } from "../../std/errors.ts";
import { pollUntil } from "../../std/wait.ts";
import { parsedJson } from "../../std/json.ts";
import type { Component } from "../../supervisor/component.ts";
import { clusterFactsOf } from "./check-joiner.ts";
import { clusterFacts, type ClusterFacts } from "./protocol.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";

/** `clusterUid` is absent in the notes of older versions, and until the API has shown it. */
const notedFacts = clusterFacts.extend({ clusterUid: z.string().optional() });
export type NotedFacts = z.infer<typeof notedFacts>;

export function clusterFactsPath(dataDir: string): string {
  return join(dataDir, "cluster-facts.json");
}

/** As `clusterFactsOf`, but an etcd of k0s' own and somebody else's are two: controllers of older versions know one word for both. */
export function lastingFactsOf(config: NodeConfig): ClusterFacts {
  const facts = clusterFactsOf(config);
  return externalEtcdOf(config) === undefined ? facts : { ...facts, storage: "external etcd" };
}

/** Undefined before the API has answered for the first time. */
export async function readClusterFacts(dataDir: string): Promise<NotedFacts | undefined> {
  const path = clusterFactsPath(dataDir);
  const text = await readFileIfExists(path);
  if (text === undefined) return undefined;
  const parsed = notedFacts.safeParse(parsedJson(text));
  if (parsed.success) return parsed.data;
  throw new UserError(`${path} cannot be understood: it should say what this cluster was made with`, {
    code: "cluster-facts-unreadable",
    hint: "Remove it if the configuration is that of the running cluster: it is written again.",
  });
}

export async function writeClusterFacts(dataDir: string, facts: NotedFacts): Promise<void> {
  await writeFileIfChanged(clusterFactsPath(dataDir), `${JSON.stringify(facts)}\n`, { mode: 0o600 });
}

export interface ClusterFactsKeeperOptions {
  readonly dataDir: string;
  readonly facts: ClusterFacts;
  /** Administrator's client. */
  readonly client: () => Promise<Pick<KubeClient, "find">>;
}

/** Notes them once the API answers: from then on there is something to lose. */
export function clusterFactsKeeper({ dataDir, facts, client }: ClusterFactsKeeperOptions): Component {
  const note = async (clusterUid: string | undefined): Promise<void> => {
    const known = clusterUid ?? (await readClusterFacts(dataDir))?.clusterUid;
    await writeClusterFacts(dataDir, known === undefined ? facts : { ...facts, clusterUid: known });
  };
  return {
    name: "cluster-facts",
    dependsOn: [kubeApiserverDeclaration],
    start: () => note(undefined),
    // An API server of a new cluster makes the namespace a moment after its first answer.
    ready: async (signal) => {
      const uid = await pollUntil(async () => clusterUidOf(await client(), signal), {
        what: "the namespace kube-system",
        intervalMs: 500,
        signal,
      });
      await note(uid);
    },
    stop: () => Promise.resolve(),
  };
}

async function clusterUidOf(
  client: Pick<KubeClient, "find">,
  signal: AbortSignal,
): Promise<string | undefined> {
  const ref = { apiVersion: "v1", kind: "Namespace", name: "kube-system" };
  return (await client.find(ref, { signal, metadataOnly: true }))?.metadata.uid;
}

/** Throws a UserError if the configuration asks for another cluster than the one that this host belongs to. */
export async function assertSameFacts(dataDir: string, wanted: ClusterFacts): Promise<void> {
  const before = await readClusterFacts(dataDir);
  const changed = before === undefined ? [] : changedFacts(before, wanted);
  if (changed.length === 0) return;
  throw new UserError(`the configuration is that of another cluster: ${changed.join("; ")}`, {
    code: "cluster-changed",
    hint: `${wayBack(before, wanted)} To begin a new cluster, run \`k0s reset\` first. Whoever removes ${clusterFactsPath(dataDir)} gets past this, and a cluster that does not fit its objects: after another datastore it is empty, after other networks Services and pods lose their addresses.`,
  });
}

/** A single node is one by its flag, not by its configuration. */
function wayBack(before: ClusterFacts | undefined, wanted: ClusterFacts): string {
  const single = before?.storage === "kine sqlite" && wanted.storage === "etcd";
  return single
    ? "If this cluster was started with --single, give --single again; else put the former values back."
    : "Put the former values back.";
}

const paths: readonly (readonly [keyof ClusterFacts, string])[] = [
  ["serviceCIDR", "spec.network.serviceCIDR"],
  ["podCIDR", "spec.network.podCIDR"],
  ["clusterDomain", "spec.network.clusterDomain"],
  ["storage", "spec.storage"],
];

/** In words, by field. */
export function changedFacts(before: ClusterFacts, now: ClusterFacts): readonly string[] {
  return paths
    .filter(([field]) => !mayBecome(before[field], now[field]))
    .map(([field, path]) => `${path} was ${before[field]}, now it is ${now[field]}`);
}

/** A second family may come and go; PostgreSQL has two names. */
function mayBecome(before: string, now: string): boolean {
  const kept = (text: string): string => (text.split(",")[0] ?? "").replace("postgresql", "postgres");
  return kept(before) === kept(now);
}
