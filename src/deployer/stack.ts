// One stack over time: remembers what it applied, so that later passes cost a list and notice changes by others.

import type { KubeClient } from "../kube/client.ts";
import { groupOf } from "../kube/types.ts";
import type { GroupVersionKind, KubeObject } from "../kube/types.ts";
import type { Logger } from "../std/log.ts";
import { canonicalObjects } from "./canonical-objects.ts";
import { definedResources } from "./crd.ts";
import { observeStack, prunableKinds } from "./observe-stack.ts";
import { formatStep, planStack } from "./plan-stack.ts";
import type { StackStep } from "./plan-stack.ts";
import { runSteps } from "./run-steps.ts";

export interface StackOptions {
  readonly client: KubeClient;
  readonly name: string;
  readonly log: Logger;
  /** Never delete the last objects of this stack. */
  readonly protectWhenEmpty?: boolean;
}

export interface StackPass {
  readonly desired: readonly KubeObject[];
  /**
   * `quick`: kinds of this stack, objects with the right checksum are left alone.
   * `verify`: also applies again what this process has not applied itself.
   * `sweep`: like `verify`, and looks for left-overs in every kind of the server.
   */
  readonly depth: "quick" | "verify" | "sweep";
  readonly signal: AbortSignal;
}

export interface Stack {
  readonly name: string;
  /** What a pass would do. */
  plan(pass: StackPass): Promise<StackStep[]>;
  /** Plans and runs; rejects with StackError when a step failed. Passes must not overlap. */
  converge(pass: StackPass): Promise<StackStep[]>;
}

export function createStack(options: StackOptions): Stack {
  const { client, name } = options;
  const log = options.log.with({ stack: name });
  const applied = new Map<string, string>();
  const kinds = new Map<string, GroupVersionKind>();

  const stack: Stack = {
    name,
    async plan({ desired, depth, signal }) {
      client.discovery.learn(definedResources(desired));
      const canonical = await canonicalObjects(client.discovery, desired, signal);
      for (const { apiVersion, kind } of desired)
        kinds.set(`${groupOf(apiVersion)}|${kind}`, { apiVersion, kind });
      const everywhere = depth === "sweep" ? await prunableKinds(client, signal) : [];
      const observed = await observeStack({
        client,
        stack: name,
        kinds: [...kinds.values(), ...everywhere],
        signal,
      });
      return planStack({
        stack: name,
        desired: canonical.objects,
        complete: canonical.complete,
        observed,
        applied,
        unverified: depth === "quick" ? "trust" : "apply",
        protectWhenEmpty: options.protectWhenEmpty ?? false,
      });
    },
    async converge(pass) {
      const steps = await stack.plan(pass);
      for (const step of steps) {
        if (step.action === "keep")
          log.warn("An object without a manifest is kept", { step: formatStep(step) });
      }
      await runSteps(steps, { client, log, signal: pass.signal, applied });
      const done = steps.filter(
        (step) => step.action === "create" || step.action === "apply" || step.action === "delete",
      );
      if (done.length > 0)
        log.info("Applied a stack", { changes: done.length, objects: pass.desired.length });
      return steps;
    },
  };
  return stack;
}
