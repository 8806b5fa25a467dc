// A plan as a person reads it. Pure.

import type { ConfigFailure } from "../../status/configuration.ts";
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

/** Why the controller that was asked does not run with the ClusterConfig of the cluster, each mistake on a line. */
export function objectText({ message, hint }: ConfigFailure): string {
  const lines = message.split("\n").map((line) => `  ${line}\n`);
  const next = hint === undefined ? "" : `  ${hint}\n`;
  return `The ClusterConfig of the cluster is not adopted by this controller:\n${lines.join("")}${next}`;
}

/** As a file ends that says the same: 2 where it is refused, 1 where it has a mistake or did not run. */
export function objectCode(object: ConfigFailure | undefined): number {
  if (object === undefined) return 0;
  return object.code === "config-refused" ? 2 : 1;
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
