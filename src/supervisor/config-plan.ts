// What a change of the configuration would do, before it is done: from what differs and from what components declare to
// follow. Pure. docs/adr/0075.

import { type FieldChange, fieldChanges, shownChange } from "../config/changes.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import { concerns, type FollowedField, whyFixed } from "../config/live-fields.ts";
import { pathText } from "../config/problem.ts";
import { configWarnings } from "../config/warnings.ts";
import type { Declaration, Following } from "./declaration.ts";
import type { FileDifference, FlagDifference, Preview } from "./preview.ts";

export interface ConfigPlan {
  /** With passwords blanked out. */
  readonly changes: readonly ShownChange[];
  /** Where there is one, nothing is done at all. */
  readonly refused: readonly RefusedChange[];
  /** In the order of the lists: that in which they are done. */
  readonly steps: readonly PlanStep[];
  /** What the new configuration says without effect; left out where there is nothing of the kind. */
  readonly warnings?: readonly PlanWarning[];
}

export interface ShownChange {
  /** `spec.scheduler.extraArgs.v` */
  readonly field: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface RefusedChange {
  readonly field: string;
  readonly reason: string;
}

/** Refused for what it is, whatever else differs. */
export interface RefusedField extends RefusedChange {
  readonly change: FieldChange;
}

export interface PlanWarning {
  readonly field: string;
  readonly message: string;
}

export interface PlanStep {
  /** As it is called while it runs. */
  readonly component: string;
  readonly role: PlanRole;
  readonly action: Following;
  /** Which of the changes concern it. */
  readonly fields: readonly string[];
  /** Of its process, where that is known: on the controller that has been asked. */
  readonly flags?: FlagDifference;
  /** Manifests that are written differently, as far as that is known. */
  readonly files?: readonly FileDifference[];
}

export type PlanRole = "controller" | "worker";

/** Declarations of what runs, of each role. */
export type Followers = Readonly<
  Record<PlanRole, readonly Pick<Declaration, "name" | "runningName" | "follows">[]>
>;

const roles: readonly PlanRole[] = ["controller", "worker"];

export function planChange(followers: Followers, before: ClusterConfig, after: ClusterConfig): ConfigPlan {
  const changes = fieldChanges(before, after);
  const refused = refusalsOf(changes);
  const warnings = configWarnings(after).map(({ path, message }) => ({ field: pathText(path), message }));
  return {
    changes: changes.map(shownField),
    refused,
    steps: refused.length > 0 ? [] : roles.flatMap((role) => stepsOf(followers[role], role, changes)),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

function shownField(change: FieldChange): ShownChange {
  const { path, before, after } = shownChange(change);
  return {
    field: pathText(path),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}

/** The same with these fields: nothing is done then. */
export function withRefused(plan: ConfigPlan, fields: readonly RefusedField[]): ConfigPlan {
  if (fields.length === 0) return plan;
  return {
    ...plan,
    changes: [...fields.map(({ change }) => shownField(change)), ...plan.changes],
    refused: [...fields.map(({ field, reason }) => ({ field, reason })), ...plan.refused],
    steps: [],
  };
}

/** Of those that a running cluster does not take up. */
export function refusalsOf(changes: readonly FieldChange[]): readonly RefusedChange[] {
  return changes.flatMap((change) => refusalOf(change) ?? []);
}

function refusalOf(change: FieldChange): RefusedChange | undefined {
  const { path, before, after } = change;
  const reason = whyFixed(path);
  if (reason === undefined) return undefined;
  const field = pathText(path);
  if (field !== "spec.network.provider") return { field, reason };
  return { field, reason: `cannot change CNI provider from ${String(before)} to ${String(after)}` };
}

/** In one sentence. */
export function refusalText(refused: readonly RefusedChange[]): string {
  return refused
    .map(({ field, reason }) =>
      reason.startsWith("cannot change ") ? reason : `${field} cannot change: ${reason}`,
    )
    .join("; ");
}

function stepsOf(
  declarations: Followers[PlanRole],
  role: PlanRole,
  changes: readonly FieldChange[],
): readonly PlanStep[] {
  return declarations.flatMap(({ name, runningName = name, follows = {} }) => {
    const found = (Object.entries(follows) as [FollowedField, Following][]).flatMap(([field, action]) =>
      changes
        .filter(({ path }) => concerns(path, field))
        .map(({ path }) => ({ action, field: pathText(path) })),
    );
    const byAction = Map.groupBy(found, ({ action }) => action);
    return [...byAction].map(([action, of]) => ({
      component: runningName,
      role,
      action,
      fields: [...new Set(of.map(({ field }) => field))],
    }));
  });
}

/** The same with what the components of a running controller say themselves, which know more than which fields they follow. */
export function withPreviews(
  plan: ConfigPlan,
  previews: ReadonlyMap<string, Preview | undefined>,
): ConfigPlan {
  if (plan.refused.length > 0) return plan;
  const known = (step: PlanStep): boolean => step.role === "controller" && previews.has(step.component);
  const exact = [...previews].flatMap(([component, preview]) => {
    const declared = plan.steps.filter((step) => known(step) && step.component === component);
    const fields = (action: Following): readonly string[] =>
      declared.find((step) => step.action === action)?.fields ?? [];
    return previewSteps(component, preview, fields);
  });
  return { ...plan, steps: [...exact, ...plan.steps.filter((step) => !known(step))] };
}

function previewSteps(
  component: string,
  { flags, files = [] }: Preview = {},
  fields: (action: Following) => readonly string[],
): readonly PlanStep[] {
  const step = (action: Following): PlanStep => ({
    component,
    role: "controller",
    action,
    fields: fields(action),
  });
  return [
    ...(flags === undefined ? [] : [{ ...step("restart"), flags }]),
    ...(files.length === 0 ? [] : [{ ...step("apply"), files }]),
  ];
}

/** Whether processes of controllers are started again. */
export function restartsControllers({ steps }: ConfigPlan): boolean {
  return steps.some(({ role, action }) => role === "controller" && action === "restart");
}
