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

const { apiVersion, kind, namespace, name } = clusterConfigRef;
const resyncMs = 60_000;
const backoff = { firstMs: 250, longestMs: 10_000 };

export function dynamicConfig(options: DynamicConfigOptions): Component {
  const { live, known, log } = options;
  const first = Promise.withResolvers<void>();
  if (known) first.resolve();

  /** Generation of the object that was looked at last. */
  let seen: string | undefined;
  let newest: ClusterConfigObject | undefined;
  let isKept = false;

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
    if (newest === undefined || generationOf(newest) === seen) return;
    let object = newest;
    const isFirst = seen === undefined;
    if (isFirst && !(await mayStart(generationOf(object)))) {
      log.error(
        "The configuration of the cluster was taken back, an earlier start has tried it once more, and it is not tried again until it changes",
      );
      seen = generationOf(object);
      return;
    }
    let asked: ClusterConfig | undefined;
    const newestFor = (now: ClusterConfig): ClusterConfig => {
      if (newest !== undefined) object = newest;
      asked = undefined;
      return (asked = options.read(object, now));
    };
    try {
      const { changes } = await live.change(newestFor, signal);
      // Others see by it that this controller runs with the object.
      if (isFirst && changes.length === 0) await options.report({ type: "Normal" });
      await options.takenBack.note(undefined);
      first.resolve();
    } catch (err) {
      signal.throwIfAborted();
      if (!(err instanceof UserError)) throw err;
      if (err.code === "config-failed") await options.takenBack.note(generationOf(object));
      log.error("The configuration of the cluster is not adopted", { err: errorMessage(err) });
    }
    await keepForStart(asked);
    seen = generationOf(object);
  };
  const adopting = createLoop({ name: "the configuration of the cluster", log, backoff, round: adopt });

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

  return task({
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

function generationOf({ metadata }: ClusterConfigObject): string {
  return `${metadata.uid ?? ""} ${String(metadata.generation ?? metadata.resourceVersion)}`;
}
