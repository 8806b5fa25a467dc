// Which keys Secrets are encrypted with, in which order, and what comes next. A key is known by its name; all controllers make it
// from the key of the cluster's CA (keys.ts), so nothing here is secret. docs/adr/0076.

import * as z from "zod";

/** Stands for no encryption. */
export const plain = "identity";
/** The first key of a cluster: the same name on every controller, whichever starts first. */
const firstKey = "key-1";

const phases = ["reading", "writing", "rewriting", "removing", "stable"] as const;

export const ringSchema = z.object({
  /** Counts changes of the order. */
  revision: z.int(),
  phase: z.enum(phases),
  /** Names, in the order of kube-apiserver's file: the first one writes, all of them read. */
  providers: z.array(z.string()).min(1),
  /** The one that is to be left over. */
  target: z.string(),
  /** Of the order to rotate that was taken last. */
  request: z.string().optional(),
  since: z.string(),
  /** How many Secrets were written again for the target. */
  rewritten: z.int().optional(),
});
export type Ring = z.infer<typeof ringSchema>;

/** A cluster that has no Secrets yet: the first one is encrypted. What may be there all the same can be read. */
export function ringOfNewCluster(since: string): Ring {
  return { revision: 1, phase: "writing", providers: [firstKey, plain], target: firstKey, since };
}

/** A cluster that has Secrets, and other controllers maybe: they learn to read first. */
export function ringOfOldCluster(since: string): Ring {
  return { revision: 1, phase: "reading", providers: [plain, firstKey], target: firstKey, since };
}

/**
 * Of a controller, where the cluster itself knows none: its datastore is of the time before, or somebody has deleted the ring. What
 * may be plain can be read, and is written again.
 */
export function ringToPublish(ring: Ring, now: string): Ring {
  if (ring.providers.includes(plain)) return ring;
  const phase = ring.phase === "removing" || ring.phase === "stable" ? "writing" : ring.phase;
  return { ...ring, revision: ring.revision + 1, phase, providers: [...ring.providers, plain], since: now };
}

/**
 * With the key of a controller that was away, or began without a ring, and has written with what the order has no more: all read it,
 * until every Secret is written again. Undefined if the order has it.
 */
export function ringWithStray(ring: Ring, key: string, now: string): Ring | undefined {
  if (ring.providers.includes(key)) return undefined;
  const phase = ring.phase === "reading" ? "reading" : "writing";
  return { ...ring, revision: ring.revision + 1, phase, providers: [...ring.providers, key], since: now };
}

/** What a controller has said of itself. */
export const reportSchema = z.object({
  /** Of the ring that its API server works with. */
  revision: z.int(),
  /** Whether its configuration asks for encryption. */
  wants: z.boolean(),
});
export type Report = z.infer<typeof reportSchema>;

export interface Situation {
  readonly ring: Ring;
  readonly reports: ReadonlyMap<string, Report>;
  /** Every controller, also those that are down or about to join. */
  readonly controllers: readonly string[];
  /** The last order to rotate. */
  readonly request: string | undefined;
  readonly now: string;
  /** For a key that is made now. */
  readonly newKey: string;
}

export type NextStep =
  | { readonly kind: "write"; readonly ring: Ring }
  | { readonly kind: "rewrite" }
  | { readonly kind: "wait"; readonly for: readonly string[] }
  | { readonly kind: "rest" };

/** What the leader does now. Each step is safe to do again, and safe to stop after. */
export function nextStep(situation: Situation): NextStep {
  const { ring, now } = situation;
  if (ring.phase === "stable") return nextBeginning(situation);
  if (isGivenUp(situation)) return write(ring, now, { phase: "removing", target: plain, providers: [plain] });
  const missing = notConfirmed(situation);
  if (missing.length > 0) return { kind: "wait", for: missing };
  switch (ring.phase) {
    case "reading":
      return write(ring, now, { phase: "writing", providers: [ring.target, ...others(ring)] });
    case "writing":
      return { kind: "write", ring: { ...ring, phase: "rewriting", since: now } };
    // Not before one that has come meanwhile, and writes with a key of before, has learned the order.
    case "rewriting":
      return { kind: "rewrite" };
    case "removing":
      return { kind: "write", ring: { ...ring, phase: "stable", since: now } };
  }
}

/** After every Secret was written again. */
export function afterRewriting(ring: Ring, rewritten: number, now: string): Ring {
  const providers = [ring.target];
  return { ...ring, revision: ring.revision + 1, phase: "removing", providers, rewritten, since: now };
}

/** Those whose API server does not work with the present ring yet. */
export function notConfirmed({
  ring,
  reports,
  controllers,
}: Pick<Situation, "ring" | "reports" | "controllers">): readonly string[] {
  // One that never had a key reads what is plain.
  const concerned = ring.target === plain ? controllers.filter((name) => reports.has(name)) : controllers;
  return concerned.filter((name) => reports.get(name)?.revision !== ring.revision);
}

function nextBeginning({ ring, reports, controllers, request, now, newKey }: Situation): NextStep {
  const isPlain = ring.target === plain;
  const wanted = controllers.map((name) => reports.get(name)?.wants);
  // Whatever begins, no key of before is left: that is all that an order to rotate asks for.
  const begin = (target: string): NextStep =>
    write(ring, now, {
      ...(request === undefined ? {} : { request }),
      phase: "reading",
      target,
      providers: [ring.target, target],
    });
  // As long as controllers differ in what they want, it stays as it is.
  if (isPlain && wanted.every((wants) => wants === true)) return begin(newKey);
  if (!isPlain && wanted.every((wants) => wants !== true)) return begin(plain);
  if (!isPlain && request !== undefined && request !== ring.request) return begin(newKey);
  return { kind: "rest" };
}

/** Nothing is encrypted yet, and nobody wants it any more. */
function isGivenUp({ ring, reports }: Situation): boolean {
  const wanted = [...reports.values()].some(({ wants }) => wants);
  return (
    ring.phase === "reading" &&
    ring.providers[0] === plain &&
    ring.target !== plain &&
    !wanted &&
    reports.size > 0
  );
}

function others({ providers, target }: Ring): readonly string[] {
  return providers.filter((name) => name !== target);
}

function write(ring: Ring, since: string, change: Partial<Ring>): NextStep {
  return { kind: "write", ring: { ...ring, ...change, revision: ring.revision + 1, since } };
}
