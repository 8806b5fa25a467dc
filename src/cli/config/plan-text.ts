// A plan as a person reads it. Pure.

import type { ConfigPlan, PlanStep, ShownChange } from "../../supervisor/config-plan.ts";

const longestValue = 100;

export function diffText(plan: ConfigPlan): string {
  return `${differences(plan)}${warningsText(plan)}`;
}

export function planText(plan: ConfigPlan): string {
  return `${deedsText(plan)}${warningsText(plan)}`;
}

/** A line for each field that has no effect. */
export function warningsText({ warnings = [] }: Pick<ConfigPlan, "warnings">): string {
  return warnings.map(({ field, message }) => `warning  ${field}: ${message}\n`).join("");
}

function differences({ changes, refused }: ConfigPlan): string {
  if (changes.length === 0) return "The configuration is as the controller runs it.\n";
  const lines = changes.map((change) => `  ${change.field}: ${changeText(change)}`);
  return [...lines, ...refused.map(({ field, reason }) => `refused  ${field}: ${reason}`), ""].join("\n");
}

function deedsText(plan: ConfigPlan): string {
  const { changes, refused, steps } = plan;
  if (changes.length === 0) return differences(plan);
  const head = ["Changed fields:", ...changes.map((change) => `  ${change.field}: ${changeText(change)}`)];
  if (refused.length > 0) {
    const why = refused.map(({ field, reason }) => `  ${field}: ${reason}`);
    return [...head, "Refused, nothing would be done:", ...why, ""].join("\n");
  }
  if (steps.length === 0) return [...head, "Nothing that runs would change.", ""].join("\n");
  return [...head, "What would be done:", ...steps.flatMap(stepLines), ""].join("\n");
}

function stepLines({ component, role, action, flags, files = [] }: PlanStep): string[] {
  return [
    `  ${component}: ${deeds[role][action]}`,
    ...(flags?.removed ?? []).map((flag) => `    - ${flag}`),
    ...(flags?.added ?? []).map((flag) => `    + ${flag}`),
    ...files.map(
      ({ file, change }) => `    ${change === "change" ? "~" : change === "create" ? "+" : "-"} ${file}`,
    ),
  ];
}

const deeds: Readonly<Record<PlanStep["role"], Readonly<Record<PlanStep["action"], string>>>> = {
  controller: {
    restart: "starts again, on one controller after the other",
    apply: "is applied again, and what runs of it is replaced",
    adopt: "goes on with it",
    publish: "workers are told",
  },
  worker: {
    restart: "starts again on nodes that it concerns, pods go on",
    apply: "is applied again",
    adopt: "goes on with it",
    publish: "is told",
  },
};

function changeText({ before, after }: ShownChange): string {
  if (before === undefined) return `${valueText(after)} is added`;
  if (after === undefined) return `${valueText(before)} is removed`;
  const [one, other] = [valueText(before), valueText(after)];
  return one === other ? "another value, which is not shown" : `${one} -> ${other}`;
}

function valueText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= longestValue ? text : `${text.slice(0, longestValue - 1)}…`;
}
