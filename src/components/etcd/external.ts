// An etcd cluster that somebody else runs: k0s waits for it, so that kube-apiserver does not fail with a message of its
// own.
// Upstream: pkg/apis/k0s/v1beta1/storage.go (ExternalCluster).

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type ExternalEtcd, externalEtcdOf } from "../../config/derived.ts";
import { type EtcdTls, fetchTls } from "./client.ts";
import { unreadableBecause } from "../../os/readable-file.ts";
import { describeFailure } from "../../std/connection-failure.ts";
import { directFetch } from "../../std/direct-fetch.ts";
import { UserError } from "../../std/errors.ts";
import type { Component } from "../../supervisor/component.ts";
import { datastoreIdentity } from "../datastore-identity/component.ts";
import { etcdValue } from "../datastore-identity/value.ts";
import type { ControllerNode } from "../node-facts.ts";
import { externalEtcdDeclaration } from "./declaration.ts";
import { awaitedService } from "../../supervisor/wait-for-service.ts";
import { parseTrust } from "../../std/trust-bundle.ts";

const tlsFields = ["caFile", "clientCertFile", "clientKeyFile"] as const;

export function externalEtcdDatastore(node: ControllerNode): readonly Component[] {
  const external = externalEtcdOf(node.config);
  if (external === undefined) return [];
  const { endpoints, etcdPrefix: prefix } = external;
  return [
    externalEtcd(node, external),
    datastoreIdentity(node, {
      after: externalEtcdDeclaration,
      what: `etcd at ${endpoints.join(", ")} (${prefix})`,
      read: (key, signal) => externalEtcdValue(external, key, signal),
      prefix,
    }),
  ];
}

function externalEtcd(node: ControllerNode, external: ExternalEtcd): Component {
  return awaitedService({
    name: externalEtcdDeclaration.name,
    what: `etcd at ${external.endpoints.join(", ")}`,
    log: node.log,
    init: () => assertFilesReadable(node, external),
    problem: (signal) => etcdProblem(external, signal),
  });
}

async function assertFilesReadable(node: ControllerNode, external: ExternalEtcd): Promise<void> {
  const uid = node.user("kube-apiserver")?.uid ?? 0;
  for (const field of tlsFields) {
    const path = external[field];
    if (path === undefined) continue;
    const problem = await unreadableBecause(resolve(node.paths.dataDir, path), { uid, gid: 0 });
    if (problem === undefined) continue;
    throw new UserError(`spec.storage.etcd.externalCluster.${field}: ${problem}`, {
      code: "unreadable-file",
      hint: "kube-apiserver reads it as its own system user, which is in group root: mode 0640 and owner root:root are enough.",
    });
  }
}

/** Undefined as soon as one endpoint answers: kube-apiserver balances among them by itself. */
async function etcdProblem(external: ExternalEtcd, signal: AbortSignal): Promise<string | undefined> {
  const tls = await tlsOptions(external);
  const problems = await Promise.all(
    external.endpoints.map((endpoint) => endpointProblem(endpoint, tls, signal)),
  );
  if (problems.includes(undefined)) return undefined;
  return external.endpoints.map((endpoint, index) => `${endpoint}: ${problems[index]}`).join("; ");
}

/** The value of a key, asked of all endpoints at once; undefined if there is none. Throws when no endpoint answers. */
async function externalEtcdValue(
  external: ExternalEtcd,
  key: string,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const tls = await tlsOptions(external);
  const answers = external.endpoints.map((endpoint) => etcdValue({ endpoint, tls }, key, signal));
  try {
    return await Promise.any(answers);
  } catch (err) {
    signal.throwIfAborted();
    const reasons: readonly unknown[] = err instanceof AggregateError ? err.errors : [err];
    throw new Error([...new Set(reasons.map((reason) => describeFailure(reason)))].join("; "), {
      cause: err,
    });
  }
}

async function tlsOptions(external: ExternalEtcd): Promise<EtcdTls | undefined> {
  const { caFile, clientCertFile, clientKeyFile } = external;
  if (caFile === undefined || clientCertFile === undefined || clientKeyFile === undefined) return undefined;
  const [ca, cert, key] = await Promise.all(
    [caFile, clientCertFile, clientKeyFile].map((file) => readFile(file, "utf8")),
  );
  return ca === undefined || cert === undefined || key === undefined
    ? undefined
    : { ca: parseTrust(ca, caFile), cert, key };
}

async function endpointProblem(
  endpoint: string,
  tls: EtcdTls | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const abort = AbortSignal.any([signal, AbortSignal.timeout(5_000)]);
    const answer = await directFetch(`${endpoint}/health`, {
      signal: abort,
      ...(tls === undefined ? {} : { tls: fetchTls(tls) }),
    });
    const body = (await answer.json()) as { health?: string; reason?: string };
    return body.health === "true" ? undefined : `not healthy (${body.reason ?? "no reason given"})`;
  } catch (err) {
    signal.throwIfAborted();
    return describeFailure(err, { within: "5s" });
  }
}
