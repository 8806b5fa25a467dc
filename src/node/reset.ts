// `k0s reset`: observe, plan, execute. Upstream: pkg/cleanup; reference §14.3.

import type { NodePaths } from "../config/paths.ts";
import { isRuntimeClaimed } from "../config/runtime-config.ts";
import { errorMessage, UserError } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { executeStep, guards, type ResetEffects } from "./reset/execute.ts";
import { hostToolset, type HostToolset } from "./reset/host-tools.ts";
import type { Observation } from "./reset/observation.ts";
import { observeHost } from "./reset/observe.ts";
import { planReset, type ResetStep } from "./reset/plan.ts";

export interface PreparedReset {
  readonly seen: Observation;
  readonly steps: readonly ResetStep[];
  readonly tools: HostToolset;
}

export interface ResetOptions {
  readonly paths: NodePaths;
  /** System users of the configuration. */
  readonly users: readonly string[];
  readonly signal: AbortSignal;
}

/** Looks and decides; nothing is changed. Refused while k0s runs. */
export async function prepareReset({ paths, users, signal }: ResetOptions): Promise<PreparedReset> {
  if (isRuntimeClaimed(paths)) {
    throw new UserError("another k0s process is still running, please stop k0s before reset", {
      code: "already-running",
      hint: "k0s stop",
    });
  }
  const tools = hostToolset(paths.hostToolsDir, signal);
  const seen = await observeHost({ paths, users, tools, measure: true });
  return { seen, steps: planReset(seen), tools };
}

/**
 * Executes the plan; before anything is deleted it looks again, and does what came to light meanwhile or did not work
 * the first time. Failed steps are reported and the others go on, but nothing is deleted while it is in use.
 */
export async function executeReset(
  prepared: PreparedReset,
  options: ResetOptions,
  log: Logger,
): Promise<void> {
  const { tools } = prepared;
  const effects = { tools, signal: options.signal };
  await executeSteps(
    prepared.steps.filter((step) => !isDeletion(step)),
    effects,
    log,
  );
  const steps = planReset(await observeHost({ ...options, tools, measure: false }));
  const failed = await executeSteps(
    steps.filter((step) => !isDeletion(step)),
    effects,
    log,
  );
  const inUse = failed.some(({ step }) => guards.has(step.kind));
  // Both plans: the second may have lost sight of what only made sense together with what is gone by now.
  const deletions = inUse ? [] : inOrderOfDeletion([...prepared.steps, ...steps].filter(isDeletion));
  const failures = [...failed, ...(await executeSteps(deletions, effects, log))];
  if (failures.length === 0) return;
  const lines = failures.map(({ step, err }) => `${step.kind}: ${errorMessage(err)}`);
  throw new UserError(`reset is not complete:\n${lines.join("\n")}`, {
    code: "reset-incomplete",
    hint: "Mend what is named and run k0s reset again.",
  });
}

interface FailedStep {
  readonly step: ResetStep;
  readonly err: unknown;
}

async function executeSteps(
  steps: readonly ResetStep[],
  effects: ResetEffects,
  log: Logger,
): Promise<FailedStep[]> {
  const failures: FailedStep[] = [];
  for (const step of steps) {
    effects.signal.throwIfAborted();
    try {
      await executeStep(step, effects);
    } catch (err) {
      effects.signal.throwIfAborted();
      log.debug("Step of reset failed", { step: step.kind, err });
      failures.push({ step, err });
    }
  }
  return failures;
}

/** What must wait until the second look. */
function isDeletion({ kind }: ResetStep): boolean {
  return kind === "delete" || kind === "remove-if-empty";
}

/**
 * Keeps the first of equal steps. k0s' own directories come after everything else of a node, so that a reset that was
 * interrupted still finds the rest; directories that may be empty before and after them.
 */
function inOrderOfDeletion(steps: readonly ResetStep[]): ResetStep[] {
  const unique = [...new Map(steps.map((step) => [JSON.stringify(step), step])).values()];
  const isOwn = (step: ResetStep): boolean => step.kind === "delete" && step.own;
  const empty = unique.filter(({ kind }) => kind === "remove-if-empty");
  const outside = unique.filter((step) => step.kind === "delete" && !step.own);
  return [...outside, ...empty, ...unique.filter(isOwn), ...empty];
}
