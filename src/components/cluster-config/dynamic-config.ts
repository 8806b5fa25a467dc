// The configuration of the cluster as an object in it: made by the leader of its own file, followed by every controller.
// Upstream: pkg/component/controller/clusterconfig/initializer.go, pkg/component/controller/clusterconfig/source.go.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import { clusterConfigCrd } from "../../config/export-schema.ts";
import { openPasswords, openPasswordsText } from "../../config/open-passwords.ts";
import { createCodeStack } from "../../deployer/apply-stack.ts";
import type { KubeClient } from "../../kube/client.ts";
import { isAlreadyExists } from "../../kube/errors.ts";
import { createInformer } from "../../kube/informer.ts";
import { whileLeading } from "../../kube/leading-client.ts";
import type { LeaderElector } from "../../kube/lease.ts";
import type { KubeObject } from "../../kube/types.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import type { ConfigPlan } from "../../supervisor/config-plan.ts";
import type { Logger } from "../../std/log.ts";
import { createLoop } from "../../std/loop.ts";
import { pollUntil } from "../../std/wait.ts";
import type { Component } from "../../supervisor/component.ts";
import { perTerm } from "../../supervisor/leader-task.ts";
import { task, type TaskPart } from "../../supervisor/task.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";
import { clusterConfigDeclaration } from "./declaration.ts";
import type { ConfigReport } from "./event.ts";
import type { LiveConfig } from "./live-config.ts";
import { type ClusterConfigObject, forNextStart } from "./object.ts";
import { generationOf, objectOutcomes } from "./object-outcome.ts";
import { clusterConfigRef } from "./reference.ts";
import type { TakenBack } from "./taken-back.ts";

export interface DynamicConfigOptions {
  readonly client: () => Promise<KubeClient>;
  readonly leader: LeaderElector;
  readonly live: LiveConfig;
  /** What it is made of, where the cluster has none. */
  readonly object: (config: ClusterConfig) => ClusterConfigObject;
  /** Throws a UserError. */
  readonly read: (object: ClusterConfigObject, now: ClusterConfig) => ClusterConfig;
  readonly report: (report: ConfigReport) => Promise<void>;
  /** Has the next start begin with it. */
  readonly keep: (config: ClusterConfig) => Promise<void>;
  /** Of an earlier start, too. */
  readonly takenBack: TakenBack;
  /** The cluster's part is known from before: nobody has to wait for the object. */
  readonly known: boolean;
  readonly log: Logger;
}

/** The object as this controller follows it. */
export interface FollowedObject {
  /**
   * What became of it, once it or a later one has been looked at; rejects as `LiveConfig.change` does. `again`: it was looked
   * at before, and is tried once more.
   */
  adopted(object: ClusterConfigObject, again: boolean, signal: AbortSignal): Promise<ConfigPlan>;
  /** Why this controller does not run with the one that the cluster has; undefined: it does, or there is none. */
  trouble(): UserError | undefined;
}

export interface DynamicConfig {
  readonly component: Component;
  readonly object: FollowedObject;
}

const { apiVersion, kind, namespace, name } = clusterConfigRef;
const resyncMs = 60_000;
const backoff = { firstMs: 250, longestMs: 10_000 };

export function dynamicConfig(options: DynamicConfigOptions): DynamicConfig {
  const { live, known, log } = options;
  const first = Promise.withResolvers<void>();
  if (known) first.resolve();

  /** Generation of the object that was looked at last. */
  let seen: string | undefined;
  let newest: ClusterConfigObject | undefined;
  let isKept = false;
  const outcomes = objectOutcomes();
  let asksAgain = false;
  let looks = false;
  /** Of the last look, which is tried again. */
  let failing: UserError | undefined;

  /** What counts from the next start is found by it, until the object says something else. */
  const keepForStart = async (asked: ClusterConfig | undefined): Promise<void> => {
    const later = asked === undefined ? undefined : forNextStart(live.current(), asked);
    if (later !== undefined || isKept) await options.keep(later ?? live.current());
    isKept = later !== undefined;
    if (isKept)
      log.warn("The configuration of the cluster counts from the next start of k0s: start it again");
  };

  let allowed: string | undefined;
  /** Rounds that fail for another reason do not count as tries. */
  const mayStart = async (generation: string): Promise<boolean> => {
    if (allowed === generation) return true;
    const attempt = await options.takenBack.atStart(generation);
    if (attempt === "no") return false;
    if (attempt === "again")
      log.warn("The configuration of the cluster was taken back, and is tried once more");
    allowed = generation;
    return true;
  };

  const adopt = async (signal: AbortSignal): Promise<void> => {
    const again = asksAgain;
    asksAgain = false;
    if (newest === undefined || (generationOf(newest) === seen && !again)) return;
    looks = true;
    let object = newest;
    const isFirst = seen === undefined;
    if (isFirst && !(await mayStart(generationOf(object)))) {
      const why =
        "The configuration of the cluster was taken back, an earlier start has tried it once more, and it is not tried again until it changes";
      log.error(why);
      seen = generationOf(object);
      looks = false;
      outcomes.note(object, { err: new UserError(why, { code: "config-failed" }) });
      return;
    }
    let asked: ClusterConfig | undefined;
    const newestFor = (now: ClusterConfig): ClusterConfig => {
      if (newest !== undefined) object = newest;
      asked = undefined;
      return (asked = options.read(object, now));
    };
    const outcome = await live.change(newestFor, signal, { joins: isFirst && !known }).then(
      (plan) => ({ plan }),
      (err: unknown) => {
        signal.throwIfAborted();
        if (!(err instanceof UserError)) throw err;
        return { err };
      },
    );
    if ("plan" in outcome) {
      // Others see by it that this controller runs with the object.
      if (isFirst && outcome.plan.changes.length === 0) await options.report({ type: "Normal" });
      await options.takenBack.note(undefined);
      first.resolve();
    } else {
      if (outcome.err.code === "config-failed") await options.takenBack.note(generationOf(object));
      log.error("The configuration of the cluster is not adopted", { err: outcome.err.message });
    }
    await keepForStart(asked);
    seen = generationOf(object);
    looks = false;
    outcomes.note(object, outcome);
  };
  const adopting = createLoop({
    name: "the configuration of the cluster",
    log,
    backoff,
    async round(signal) {
      try {
        await adopt(signal);
        failing = undefined;
      } catch (err) {
        looks = false;
        failing = new UserError(`it is not adopted yet, and is tried again: ${errorMessage(err)}`, {
          code: "config-failed",
          cause: err,
        });
        outcomes.fail(err instanceof Error ? err : new Error(errorMessage(err), { cause: err }));
        throw err;
      }
    },
  });

  const object: FollowedObject = {
    async adopted(wanted, again, signal) {
      const known = again ? undefined : outcomes.since(wanted);
      if (known !== undefined) {
        if ("err" in known) throw known.err;
        return known.plan;
      }
      // What is under way is a try, too.
      asksAgain ||= again && !looks;
      adopting.ring();
      return outcomes.next(wanted, signal);
    },
    trouble() {
      if (newest === undefined) return undefined;
      const outcome = outcomes.of(newest);
      if (outcome !== undefined)
        return "err" in outcome && outcome.err instanceof UserError ? outcome.err : undefined;
      try {
        options.read(newest, live.current());
      } catch (err) {
        if (err instanceof UserError) return err;
        throw err;
      }
      return failing;
    },
  };

  let open = "";
  const warnOfPasswords = ({ spec }: ClusterConfigObject): void => {
    const fields = openPasswords(spec);
    const now = fields.join(", ");
    if (now !== open && now !== "")
      log.warn("A password stands in the configuration of the cluster", {
        reason: openPasswordsText(fields),
      });
    open = now;
  };

  const following = (client: KubeClient): TaskPart => {
    const objects = createInformer<ClusterConfigObject>({
      client,
      kind: { apiVersion, kind },
      namespace,
      fieldSelector: `metadata.name=${name}`,
      log,
      onChange: () => {
        const object = objects.get(name, namespace);
        // Deleted, it changes nothing: the leader makes it again of what runs.
        if (object === undefined) return;
        warnOfPasswords(object);
        newest = object;
        adopting.ring();
      },
    });
    return {
      async run(signal) {
        await existing(client, signal);
        if (!signal.aborted) await objects.run(signal);
      },
      health: () => objects.health(),
    };
  };

  const component = task({
    name: clusterConfigDeclaration.name,
    dependsOn: [kubeApiserverDeclaration],
    ready: () => first.promise,
    parts: async () => {
      const client = await options.client();
      const leading = whileLeading(client, options.leader);
      const keeping = perTerm(options.leader, () => keepObject(options, leading));
      return [adopting, following(client), keeping];
    },
  });
  return { component, object };
}

/** The definition of the kind, and the object: one that is there is left alone. */
function keepObject({ live, object, log }: DynamicConfigOptions, client: KubeClient): TaskPart {
  const stack = createCodeStack(client, "api-config", log);
  const crd = clusterConfigCrd() as unknown as KubeObject;
  return createLoop({
    name: "the ClusterConfig of the cluster",
    log,
    backoff,
    // The kind is served a moment after it is defined.
    quietFailures: 5,
    everyMs: resyncMs,
    round: async (signal) => {
      await stack.apply([crd], signal);
      if ((await client.find(clusterConfigRef, { signal })) !== undefined) return;
      try {
        await client.create(object(live.current()), { signal });
        log.info("The configuration of the cluster is kept in it from now on");
      } catch (err) {
        if (!isAlreadyExists(err)) throw err;
      }
    },
  });
}

/** Until a leader has defined the kind. */
async function existing(client: KubeClient, signal: AbortSignal): Promise<void> {
  try {
    await pollUntil(async (abort) => (await client.find(clusterConfigRef, { signal: abort })) !== undefined, {
      what: "the ClusterConfig",
      intervalMs: 1_000,
      signal,
    });
  } catch (err) {
    if (!signal.aborted) throw err;
  }
}
