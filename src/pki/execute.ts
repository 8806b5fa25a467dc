// Carries out a PKI plan: all keys at once in the thread pool, authorities, leaves, then the kubeconfigs.

import { ensureDir, ensureOwnership, renameFile, writeFileAtomic, writeFileIfChanged } from "../os/files.ts";
import { removeFile } from "../os/removal.ts";
import type { UserId } from "../os/users.ts";
import type { KeyAndCertificate } from "./issue.ts";
import type { KeyMaker } from "./key-stock.ts";
import { generateKeyPem, publicKeyPem } from "./keys.ts";
import { furtherContexts, kubeconfigYaml } from "../kube/kubeconfig.ts";
import type { ObservedPki } from "./observe.ts";
import type { PkiStep } from "./plan-steps.ts";
import { certificateMode, keyMode, unfinishedKey } from "./spec.ts";
import type { KubeconfigSpec } from "./spec.ts";
import { parseTrust } from "../std/trust-bundle.ts";

type StepOf<Action extends PkiStep["action"]> = Extract<PkiStep, { action: Action }>;

/** Runs the steps; the certificates of kept pairs come from what was observed. */
export async function executePki(
  steps: readonly PkiStep[],
  observed: ObservedPki,
  now: Date,
  makeKey: KeyMaker = generateKeyPem,
): Promise<void> {
  for (const { directory } of stepsOf(steps, "create-directory")) {
    await ensureDir(directory.path, { mode: directory.mode, ...directory.owner });
  }
  const keyPairs = stepsOf(steps, "create-key-pair").map(async ({ spec }) => {
    // Tokens are signed with RS256 and RS512, by all controllers of the cluster, of whatever release.
    const key = await makeKey("rsa2048");
    await writeKey(`${spec.base}.key`, key, spec.owner);
    await writePublic(`${spec.base}.pub`, publicKeyPem(key), spec.publicOwner);
  });
  const pairs = issueAll(steps, observed, now, makeKey);
  const kubeconfigs = stepsOf(steps, "write-kubeconfig").map(({ spec }) =>
    writeKubeconfig(spec, pairs, observed),
  );
  const others = steps.map((step) => executeSimple(step));
  const results = await Promise.allSettled([...keyPairs, ...pairs.values(), ...kubeconfigs, ...others]);
  // Only now, so that nothing is still being written when the caller learns of it.
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

async function executeSimple(step: PkiStep): Promise<void> {
  if (step.action === "write-public-key") {
    return writePublic(`${step.spec.base}.pub`, publicKeyPem(step.keyPem), step.spec.publicOwner);
  }
  if (step.action === "remove") return removeFile(step.path);
  if (step.action === "set-ownership") await ensureOwnership(step.path, { mode: step.mode, ...step.owner });
}

type Pairs = ReadonlyMap<string, Promise<KeyAndCertificate>>;

/** By `base`; every leaf waits for its own key and its authority only. */
function issueAll(steps: readonly PkiStep[], observed: ObservedPki, now: Date, makeKey: KeyMaker): Pairs {
  const pairs = new Map<string, Promise<KeyAndCertificate>>();
  for (const { base } of stepsOf(steps, "keep")) {
    const kept = observed.pairs.get(base);
    if (typeof kept?.certificate !== "object") continue;
    pairs.set(base, Promise.resolve({ cert: kept.certificate.pem, key: kept.key?.pem ?? "" }));
  }
  for (const step of stepsOf(steps, "finish-ca")) pairs.set(step.spec.base, finishAuthority(step));
  for (const step of stepsOf(steps, "create-ca"))
    pairs.set(step.spec.base, createAuthority(step, now, makeKey));
  for (const step of stepsOf(steps, "issue-leaf")) {
    pairs.set(step.spec.base, issue(step, pairFor(pairs, step.spec.ca), now, makeKey));
  }
  return pairs;
}

async function createAuthority(
  { spec }: StepOf<"create-ca">,
  now: Date,
  makeKey: KeyMaker,
): Promise<KeyAndCertificate> {
  const key = await makeKey(spec.keyType);
  const { issueCa } = await import("./issue.ts");
  const pair = await issueCa({ cn: spec.cn, expiresMs: spec.expiresMs, key, now });
  await writeKey(unfinishedKey(spec.base), pair.key, spec.keyOwner);
  await writePublic(`${spec.base}.crt`, pair.cert, spec.owner);
  await renameFile(unfinishedKey(spec.base), `${spec.base}.key`);
  return pair;
}

/** A killed start got as far as the certificate. */
async function finishAuthority({ spec, pair }: StepOf<"finish-ca">): Promise<KeyAndCertificate> {
  await renameFile(unfinishedKey(spec.base), `${spec.base}.key`);
  return pair;
}

async function issue(
  { spec }: StepOf<"issue-leaf">,
  authority: Promise<KeyAndCertificate>,
  now: Date,
  makeKey: KeyMaker,
): Promise<KeyAndCertificate> {
  const [key, ca] = await Promise.all([makeKey(spec.keyType), authority]);
  // Loading the X.509 library takes longer than reading a whole PKI: a start that issues nothing goes without.
  const { issueLeaf } = await import("./issue.ts");
  const { cn, organizations, sans, expiresMs } = spec;
  const pair = await issueLeaf({ ca, cn, o: organizations, sans, expiresMs, key, now });
  // Key first: interrupted in between, the two do not match, which the next plan sees.
  await writeKey(`${spec.base}.key`, pair.key, spec.owner);
  await writePublic(`${spec.base}.crt`, pair.cert, spec.owner);
  return pair;
}

async function writeKubeconfig(spec: KubeconfigSpec, pairs: Pairs, observed: ObservedPki): Promise<void> {
  const [issuer, leaf] = await Promise.all([pairFor(pairs, spec.ca), pairFor(pairs, spec.leaf)]);
  // A new authority has nobody beside it.
  const ca = observed.pairs.get(spec.ca)?.trust ?? parseTrust(issuer.cert, `${spec.ca}.crt`);
  const present = spec.keepsContexts === true ? observed.kubeconfigs.get(spec.path) : undefined;
  const text = kubeconfigYaml({
    server: spec.server,
    ca,
    cert: leaf.cert,
    key: leaf.key,
    ...(present === undefined ? {} : { others: furtherContexts(present) }),
  });
  await writeFileIfChanged(spec.path, text, { mode: spec.mode, ...spec.owner });
}

function pairFor(pairs: Pairs, base: string): Promise<KeyAndCertificate> {
  const pair = pairs.get(base);
  if (pair === undefined) throw new Error(`the plan has no step for ${base}`);
  return pair;
}

function stepsOf<Action extends PkiStep["action"]>(
  steps: readonly PkiStep[],
  action: Action,
): readonly StepOf<Action>[] {
  return steps.filter((step): step is StepOf<Action> => step.action === action);
}

async function writeKey(path: string, pem: string, owner: UserId): Promise<void> {
  await writeFileAtomic(path, pem, { mode: keyMode, ...owner });
}

async function writePublic(path: string, pem: string, owner: UserId): Promise<void> {
  await writeFileAtomic(path, pem, { mode: certificateMode, ...owner });
}
