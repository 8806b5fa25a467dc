// What `k0s install` says when it is done: what was changed, and the next step.

import type { DefinitionPlan } from "../../host/service/plan.ts";

export interface Installed {
  readonly name: string;
  readonly running: boolean;
  /** It is started, or started again, by this command. */
  readonly start: boolean;
}

/** Empty where nothing was changed and nothing is left to do. */
export function installedText(plan: DefinitionPlan, { name, running, start }: Installed): string {
  const change =
    plan.kind === "change"
      ? `The service was changed:\n${plan.difference.map((line) => `  ${line}\n`).join("")}`
      : "";
  return `${change}${start ? "" : nextStep(plan, name, running)}`;
}

function nextStep(plan: DefinitionPlan, name: string, running: boolean): string {
  if (!running) return `${name} is installed: \`k0s start\` starts it.\n`;
  return plan.kind === "change" ? "It runs with what it had: `k0s restart` makes it take effect.\n" : "";
}
