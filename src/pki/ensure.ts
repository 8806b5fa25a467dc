// Brings the PKI on disk to what the configuration asks for: observe, plan, execute.
// Upstream: cmd/controller/certificates.go.

import { join } from "node:path";
import type { NodeConfig } from "../config/fixed-fields.ts";
import { isStorageJoinable, localApiUrl } from "../config/derived.ts";
import type { NodePaths } from "../product/paths.ts";
import { parseDuration } from "../std/duration.ts";
import type { Logger } from "../std/log.ts";
import { clusterPkiSpec } from "./cluster-spec.ts";
import type { PkiUsers } from "./cluster-spec.ts";
import { etcdPkiSpec } from "./etcd-spec.ts";
import { executePki } from "./execute.ts";
import type { KeyMaker } from "./key-stock.ts";
import { beginsCluster, ensureKubeletServingCa } from "./kubelet-serving-ca.ts";
import { observePki } from "./observe.ts";
import { planPki } from "./plan.ts";
import type { PkiStep } from "./plan-steps.ts";
import { ownedBy, type PkiSpec } from "./spec.ts";

export interface EnsurePkiInput {
  readonly config: NodeConfig;
  readonly paths: NodePaths;
  /** The system users by name, e.g. what `ensureSystemUsers` returned; files of missing ones belong to root. */
  readonly users: PkiUsers;
  readonly log: Logger;
  readonly now?: Date;
  /** Default: each when it is needed. */
  readonly keys?: KeyMaker;
}

export interface EnsureClusterPkiInput extends EnsurePkiInput {
  /** Of the API server, see `apiServerSans`. */
  readonly sans: readonly string[];
  /** Whether konnectivity runs; default true. */
  readonly konnectivity?: boolean;
  /** Whether others can join; default: if the storage allows it. */
  readonly joinApi?: boolean;
}

/** Everything but etcd's. Returns the steps that were taken. */
export async function ensureClusterPki(input: EnsureClusterPkiInput): Promise<readonly PkiStep[]> {
  const { paths, users, config, log, now = new Date() } = input;
  const newCluster = await beginsCluster(paths.pkiDir);
  const steps = await ensurePki(clusterSpec(input), log, now, input.keys);
  await ensureKubeletServingCa({
    pkiDir: paths.pkiDir,
    keyOwner: ownedBy(users.get("kube-controller-manager")),
    expiresMs: parseDuration(config.spec.api.ca.expiresAfter),
    newCluster,
    now,
    log,
  });
  return steps;
}

/** etcd's own, where k0s runs etcd; after a join has brought the authority. */
export function ensureEtcdPki(input: EnsurePkiInput): Promise<readonly PkiStep[]> {
  return ensurePki(etcdSpec(input), input.log, input.now, input.keys);
}

export interface PkiCheck {
  /** The authorities come, or come again, from the cluster that this host joins: whatever is there now is replaced. */
  readonly joining: boolean;
}

/** Throws what `ensureClusterPki` would throw for files that only a person can put right, and changes nothing. */
export function checkClusterPki(input: EnsureClusterPkiInput & PkiCheck): Promise<void> {
  const { pkiDir } = input.paths;
  return checkPki(
    clusterSpec(input),
    input,
    ["ca", "sa"].map((name) => join(pkiDir, name)),
  );
}

/** The same for etcd's own. */
export function checkEtcdPki(input: EnsurePkiInput & PkiCheck): Promise<void> {
  return checkPki(etcdSpec(input), input, [join(input.paths.etcdPkiDir, "ca")]);
}

function clusterSpec(input: EnsureClusterPkiInput): PkiSpec {
  const { config, paths, sans, users } = input;
  return clusterPkiSpec({
    pkiDir: paths.pkiDir,
    sans,
    server: localApiUrl(config),
    users,
    ...lifetimes(config.spec.api.ca),
    konnectivity: input.konnectivity ?? true,
    joinApi: input.joinApi ?? isStorageJoinable(config),
  });
}

function etcdSpec({ config, paths, users }: EnsurePkiInput): PkiSpec {
  const { etcd } = config.spec.storage;
  return etcdPkiSpec({
    pkiDir: paths.pkiDir,
    etcdPkiDir: paths.etcdPkiDir,
    peerAddress: etcd.peerAddress,
    users,
    ...lifetimes(etcd.ca),
  });
}

/** For any specification. */
export async function ensurePki(
  spec: PkiSpec,
  log: Logger,
  now = new Date(),
  keys?: KeyMaker,
): Promise<readonly PkiStep[]> {
  const observed = await observePki(spec);
  const steps = planPki(spec, observed, now);
  for (const step of steps) report(step, log);
  await executePki(steps, observed, now, keys);
  return steps;
}

async function checkPki(
  spec: PkiSpec,
  { joining, now = new Date() }: PkiCheck & { readonly now?: Date },
  brought: readonly string[],
): Promise<void> {
  const checked = joining ? without(spec, brought) : spec;
  planPki(checked, await observePki(checked), now);
}

/** What does not depend on these authorities and key pairs. */
function without(spec: PkiSpec, bases: readonly string[]): PkiSpec {
  const stays = (base: string): boolean => !bases.includes(base);
  const authorities = spec.authorities.filter(({ base }) => stays(base));
  return {
    ...spec,
    authorities,
    leaves: spec.leaves.filter(({ ca }) => stays(ca)),
    keyPairs: spec.keyPairs.filter(({ base }) => stays(base)),
    kubeconfigs: spec.kubeconfigs.filter(({ ca }) => stays(ca)),
  };
}

function report(step: PkiStep, log: Logger): void {
  if (step.action === "keep" && step.warning !== undefined)
    log.warn(step.warning, { certificate: `${step.base}.crt` });
  if (step.action === "create-ca")
    log.info("Making a certificate authority", { certificate: `${step.spec.base}.crt` });
  if (step.action === "issue-leaf" && step.reason !== "missing") {
    log.info("Renewing a certificate", { certificate: `${step.spec.base}.crt`, reason: step.reason });
  }
}

function lifetimes(ca: NodeConfig["spec"]["api"]["ca"]): { caExpiresMs: number; leafExpiresMs: number } {
  return {
    caExpiresMs: parseDuration(ca.expiresAfter),
    leafExpiresMs: parseDuration(ca.certificatesExpireAfter),
  };
}
