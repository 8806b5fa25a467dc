// How a stack is, as everybody may read it: made from what a pass has done. Pure. docs/adr/0070.

import * as z from "zod";
import { describeRef } from "../kube/types.ts";
import { errorMessage } from "../std/errors.ts";
import type { StackStep } from "./plan-stack.ts";
import { StackError, waitsForKinds } from "./stack-failure.ts";
import { BadManifests } from "./stack-files.ts";
import type { StackReading } from "./stack-files.ts";
import { ownerText, twiceText } from "./stack-notices.ts";
import type { StackResult } from "./stack.ts";

/**
 * `Applied`: everything is as in the manifests, but for what is named beside it. `Waiting`: what is left has kinds that
 * nobody has defined yet. `Failed`: it is tried again. `Removing`: its manifests are gone, its objects go soon. `Kept`: its
 * manifests are gone, its objects stay. `Empty`: neither manifests nor objects. `Unmanaged`: it has objects, but the
 * controller that leads has neither its folder nor a record of it.
 */
const phases = ["Applied", "Waiting", "Failed", "Removing", "Kept", "Empty", "Unmanaged"] as const;

export type StackPhase = (typeof phases)[number];

const objectsSchema = z.object({
  objects: z.array(z.string()),
  more: z.number().optional(),
  why: z.string(),
});

export const stackStatusSchema = z.object({
  phase: z.enum(phases),
  /** When the phase began. */
  since: z.string(),
  /** The controller that led then. */
  controller: z.string(),
  /** In its manifests. */
  objects: z.number(),
  /** When k0s last created, changed or deleted one of its objects. */
  changedAt: z.string().optional(),
  problems: z.array(
    z.object({ object: z.string().optional(), place: z.string().optional(), message: z.string() }),
  ),
  moreProblems: z.number().optional(),
  /** Objects that are not deleted, or not applied, and why. */
  kept: z.array(objectsSchema),
  /** Fields that are left to who set them. */
  left: z.array(z.object({ object: z.string(), field: z.string(), by: z.string() })),
  /** What is not read, what is written twice, and what the server took a part of. */
  notes: z.array(z.string()),
  /** What others changed or deleted, and k0s put right. */
  repaired: z.object({ at: z.string(), times: z.number(), objects: z.array(z.string()) }).optional(),
});

export type StackStatus = z.infer<typeof stackStatusSchema>;

export type PassReport =
  | {
      readonly outcome: "done";
      readonly result: Omit<StackResult, "present" | "unseen">;
      readonly reading: Pick<StackReading, "objects" | "ignored">;
      /** Of who has made its manifests. */
      readonly notes?: readonly string[];
    }
  /** The folder cannot be read, or the cluster not be looked at. */
  | { readonly outcome: "failed"; readonly err: unknown };

export interface StatusContext {
  readonly controller: string;
  /** Now, as RFC 3339. */
  readonly at: string;
}

/** The status after a pass; equal to `before` if the pass changed nothing. */
export function nextStatus(
  before: StackStatus | undefined,
  report: PassReport,
  context: StatusContext,
): StackStatus {
  const { controller, at } = context;
  const next = report.outcome === "failed" ? afterFailure(before, report.err) : afterPass(before, report, at);
  const since = before?.phase === next.phase ? before.since : at;
  return { ...next, since, controller };
}

/** A stack that the controller that leads knows nothing of. */
export function unmanagedStatus(
  before: StackStatus | undefined,
  objects: number,
  context: StatusContext,
): StackStatus {
  const { controller, at } = context;
  const message = "this controller has neither its folder nor a record of it: what is there is kept";
  return {
    ...emptyStatus,
    phase: "Unmanaged",
    objects,
    problems: [{ message }],
    since: before?.phase === "Unmanaged" ? before.since : at,
    controller,
  };
}

/** Without what it says of single objects. */
export function briefStatus({ phase, since, controller, objects, problems }: StackStatus): StackStatus {
  return { ...emptyStatus, phase, since, controller, objects, problems: problems.slice(0, 1) };
}

type Content = Omit<StackStatus, "since" | "controller">;

const emptyStatus = { problems: [], kept: [], left: [], notes: [] } satisfies Partial<StackStatus>;

/** What is known of the objects stays: nobody has looked at them. */
function afterFailure(before: StackStatus | undefined, err: unknown): Content {
  const texts = err instanceof BadManifests ? err.problems : [errorMessage(err)];
  const problems = texts.map((text) => ({ message: short(text) }));
  return { ...emptyStatus, objects: 0, ...before, phase: "Failed", ...bounded(problems) };
}

function afterPass(
  before: StackStatus | undefined,
  { result, reading, notes = [] }: Extract<PassReport, { outcome: "done" }>,
  at: string,
): Content {
  const { failure, steps, repaired, left, twice, changes, incomplete } = result;
  const phase = phaseOf(failure, steps, reading.objects.length);
  const repairs =
    repaired.length === 0
      ? before?.repaired
      : { at, times: (before?.repaired?.times ?? 0) + 1, objects: names(repaired.map(describeRef)).objects };
  const changedAt = changes > 0 ? at : before?.changedAt;
  return {
    phase,
    objects: reading.objects.length,
    ...(changedAt === undefined ? {} : { changedAt }),
    ...bounded(problemsOf(failure)),
    kept: keptOf(steps),
    left: left.slice(0, mostEntries).map(({ ref, field }) => ({
      object: describeRef(ref),
      field: field.field,
      by: ownerText(field),
    })),
    notes: [
      ...notes,
      ...reading.ignored.map(({ path, why }) => `${path}: ${why}`),
      ...twice.map(twiceText),
      ...incomplete,
    ]
      .slice(0, mostEntries)
      .map(short),
    ...(repairs === undefined ? {} : { repaired: repairs }),
  };
}

export function phaseOf(
  failure: Error | undefined,
  steps: readonly StackStep[],
  objects: number,
): StackPhase {
  if (failure !== undefined) return waitsForKinds(failure) ? "Waiting" : "Failed";
  if (objects > 0) return "Applied";
  const rest = steps.filter(({ action }) => action === "keep" || action === "wait");
  if (rest.length === 0) return "Empty";
  return rest.some((step) => step.action === "wait" && step.ms !== undefined) ? "Removing" : "Kept";
}

function problemsOf(failure: Error | undefined): StackStatus["problems"] {
  if (failure === undefined) return [];
  if (!(failure instanceof StackError)) return [{ message: short(failure.message) }];
  return failure.failures.map(({ ref, place, message }) => ({
    object: describeRef(ref),
    ...(place === undefined ? {} : { place }),
    message: short(message),
  }));
}

function keptOf(steps: readonly StackStep[]): StackStatus["kept"] {
  const rest = steps.filter(
    (step) => step.action === "keep" || step.action === "wait" || step.action === "leave",
  );
  return [...Map.groupBy(rest, ({ why }) => why)].slice(0, mostGroups).map(([why, group]) => ({
    ...names(group.map(({ ref }) => describeRef(ref)).sort()),
    why: short(why),
  }));
}

const mostEntries = 10;
const mostGroups = 5;
const longestText = 300;

function bounded(problems: StackStatus["problems"]): Pick<StackStatus, "problems" | "moreProblems"> {
  const more = problems.length - mostEntries;
  return { problems: problems.slice(0, mostEntries), ...(more > 0 ? { moreProblems: more } : {}) };
}

function names(objects: readonly string[]): { objects: string[]; more?: number } {
  const more = objects.length - mostEntries;
  return { objects: objects.slice(0, mostEntries), ...(more > 0 ? { more } : {}) };
}

function short(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText - 1)}…`;
}
