// The configuration that a controller runs with, and how it becomes another one: planned, refused where it cannot, adopted by
// one component after the other, and put back where one of them does not run with it. docs/adr/0075.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import { newWarnings } from "../../config/warnings.ts";
import { voidPatch } from "../../deployer/patches/patch-trial.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import {
  type ConfigPlan,
  refusalText,
  restartsControllers,
  withPreviews,
} from "../../supervisor/config-plan.ts";
import type { ComponentGroup } from "../../supervisor/group.ts";
import type { ConfigReport } from "./event.ts";
import { logConfigWarnings } from "./log-warnings.ts";
import type { Rollout } from "./rollout.ts";

export interface LiveConfigOptions {
  /** What the controller was started with. */
  readonly first: ClusterConfig;
  readonly plan: (before: ClusterConfig, after: ClusterConfig) => ConfigPlan;
  readonly group: () => Pick<ComponentGroup, "preview" | "reconcile">;
  readonly rollout: Rollout;
  /** Awaited when a configuration has been adopted. */
  readonly adopted: (config: ClusterConfig) => Promise<void>;
  /** Tells users of the cluster. Never rejects. */
  readonly report: (report: ConfigReport) => Promise<void>;
  readonly log: Logger;
}

export interface LiveConfig {
  current(): ClusterConfig;
  /** What `apply` would do. Rejects where a component cannot tell what it would do with it. */
  plan(next: ClusterConfig): Promise<ConfigPlan>;
  /** Rejects with a UserError where it is refused or did not work; then everything is as before. One after the other. */
  apply(next: ClusterConfig, signal: AbortSignal): Promise<ConfigPlan>;
  /** As `apply`, of what is put together when its turn has come; `next` is asked more than once. */
  change(next: Next, signal: AbortSignal, how?: ChangeOptions): Promise<ConfigPlan>;
}

export interface ChangeOptions {
  /** The cluster runs with it already, and this controller is new there: a patch without effect does not keep it out. */
  readonly joins?: boolean;
}

type Next = (now: ClusterConfig) => ClusterConfig;

export function liveConfig(options: LiveConfigOptions): LiveConfig {
  const { group, rollout, log, report } = options;
  let current = options.first;
  /** False when it is not certain that all of it is adopted. */
  let settled = true;
  let changing: Promise<unknown> = Promise.resolve();

  const plan = async (next: ClusterConfig): Promise<ConfigPlan> => {
    const declared = options.plan(current, next);
    if (declared.refused.length > 0 || declared.changes.length === 0) return declared;
    return withPreviews(declared, await group().preview(next));
  };

  /** Rejects if that fails, too. */
  const goBack = async (why: string, signal: AbortSignal): Promise<void> => {
    try {
      await group().reconcile(current, signal);
    } catch (err) {
      signal.throwIfAborted();
      throw new UserError(
        `this controller does not run with the configuration: ${why}; nor could it go back to the one before: ${errorMessage(err)}`,
        {
          code: "config-failed",
          hint: "`k0s status` shows what does not run. `k0s config apply` tries again, also with the configuration of before.",
          cause: err,
        },
      );
    }
  };

  const adopt = async (next: ClusterConfig, signal: AbortSignal): Promise<void> => {
    settled = false;
    try {
      await group().reconcile(next, signal);
    } catch (err) {
      signal.throwIfAborted();
      const why = errorMessage(err);
      log.error("The new configuration does not work, going back to the one before", { err: why });
      await goBack(why, signal);
      settled = true;
      throw new UserError(`the configuration was taken back, this controller does not run with it: ${why}`, {
        code: "config-failed",
        hint: "Everything runs as before. Look at `k0s logs` for the last words of what did not start.",
        cause: err,
      });
    }
    current = next;
    await options.adopted(next);
    settled = true;
  };

  const possible = async (next: ClusterConfig, { joins = false }: ChangeOptions): Promise<ConfigPlan> => {
    const planned = await plan(next).catch((err: unknown) => {
      if (!joins || !(err instanceof UserError) || err.code !== voidPatch) throw err;
      log.warn("A patch of the cluster's configuration has no effect", { err: err.message });
      return options.plan(current, next);
    });
    if (planned.refused.length === 0) return planned;
    throw new UserError(refusalText(planned.refused), {
      code: "config-refused",
      hint: "Nothing was changed. `k0s config plan` shows what a configuration would do.",
    });
  };

  const applyNow = async (next: Next, signal: AbortSignal, how: ChangeOptions): Promise<ConfigPlan> => {
    const nothingToDo = ({ changes }: ConfigPlan): boolean => changes.length === 0 && settled;
    const work = async (): Promise<ConfigPlan> => {
      // What is wanted may have changed, or been put right, while others had their turn.
      const wanted = next(current);
      const planned = await possible(wanted, how);
      if (nothingToDo(planned)) return planned;
      log.info("Adopting a changed configuration", {
        fields: planned.changes.map(({ field }) => field).join(", "),
      });
      logConfigWarnings(newWarnings(current, wanted), log);
      await adopt(wanted, signal);
      log.info("The changed configuration is adopted");
      return planned;
    };
    const planned = await possible(next(current), how);
    if (nothingToDo(planned)) return planned;
    return restartsControllers(planned) || !settled ? rollout.alone(work, signal) : work();
  };

  const change = async (next: Next, signal: AbortSignal, how: ChangeOptions): Promise<ConfigPlan> => {
    try {
      const done = await applyNow(next, signal, how);
      if (done.changes.length > 0) await report({ type: "Normal" });
      return done;
    } catch (err) {
      if (!signal.aborted) await report({ type: "Warning", message: errorMessage(err) });
      throw err;
    }
  };

  const inTurn = (next: Next, signal: AbortSignal, how: ChangeOptions = {}): Promise<ConfigPlan> => {
    const turn = changing.then(() => change(next, signal, how));
    changing = Promise.allSettled([turn]);
    return turn;
  };

  return {
    current: () => current,
    plan,
    apply: (next, signal) => inTurn(() => next, signal),
    change: inTurn,
  };
}
