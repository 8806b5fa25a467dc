// Gets the worker's settings from the cluster and follows them. Upstream: pkg/component/worker/config/loader.go.

import type { NodePaths } from "../../product/paths.ts";
import type { KubeClient } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import { follow } from "../../kube/follow.ts";
import { createInformer, type Informer } from "../../kube/informer.ts";
import { type ConfigMap, configMapKind } from "../../kube/objects/config-map.ts";
import { workerConfigMapName } from "./manifest.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import type { Progress } from "../../std/progress.ts";
import type { Component, Dependency } from "../../supervisor/component.ts";
import { task } from "../../supervisor/task.ts";
import { explainApiFailure } from "../worker-join/api-trouble.ts";
import { keepTrying, onlyUserErrors } from "../../supervisor/keep-trying.ts";
import { readSettingsCache, writeSettingsCache } from "./cache.ts";
import type { SettingsHolder } from "./settings-holder.ts";
import type { Waiting } from "../../supervisor/waiting.ts";
import { parseWorkerSettings, type WorkerSettings } from "./schema.ts";
import { workerConfigDeclaration } from "./declaration.ts";

export interface FollowSettingsOptions {
  readonly paths: NodePaths;
  readonly profile: string;
  readonly k0sVersion: string;
  readonly settings: SettingsHolder;
  /** With the node's credentials, by the present way to the API. */
  readonly client: () => Promise<KubeClient>;
  /** Called with settings before anybody else learns of them. True: the way to the API is another one now. */
  readonly beforeAdopting: (settings: WorkerSettings) => Promise<boolean>;
  /** The way to the API changed while running. */
  readonly onRerouted: () => Promise<void>;
  readonly waiting: Waiting;
  readonly log: Logger;
  readonly progress: Progress;
  readonly dependsOn: readonly Dependency[];
}

/** How long a node that knows its settings from before waits for an API server. */
const patienceMs = 8_000;
const namespace = "kube-system";

export function followSettings(options: FollowSettingsOptions): Component {
  const { paths, settings, waiting, progress } = options;
  const log = options.log.with({ component: "worker-settings" });
  const name = workerConfigMapName(options.profile, options.k0sVersion);
  let adopting: Promise<void> = Promise.resolve();

  /** Ends one way of following, so that the next one begins. */
  let rerouted = new AbortController();

  const read = (data: Readonly<Record<string, string>>): WorkerSettings =>
    parseWorkerSettings(data, `ConfigMap ${namespace}/${name}`);

  const adopt = async (data: Readonly<Record<string, string>>): Promise<void> => {
    const next = read(data);
    const moved = await options.beforeAdopting(next);
    const running = settings.peek() !== undefined;
    settings.set(next);
    await writeSettingsCache(paths, { name, data });
    if (!moved || !running) return;
    rerouted.abort();
    await options.onRerouted();
  };

  const fetchOnce = async (
    client: KubeClient,
    signal: AbortSignal,
  ): Promise<NonNullable<ConfigMap["data"]>> => {
    progress.wait(`${client.server} to tell the node's settings`);
    const ref = { ...configMapKind, namespace, name };
    const found = await client.get<ConfigMap>(ref, { signal, timeoutMs: 5_000, retries: 0 });
    progress.wait("");
    const data = found.data ?? {};
    // What cannot be read may be written again: ask again, too.
    read(data);
    return data;
  };

  /** Those of last time, unless another k0s wrote them in a way that this one cannot read. */
  const readCache = async (): Promise<Readonly<Record<string, string>> | undefined> => {
    try {
      const cached = await readSettingsCache(paths, name);
      if (cached !== undefined) read(cached.data);
      return cached?.data;
    } catch (err) {
      log.warn("The kept settings cannot be read", {
        file: paths.workerProfileCache,
        err: errorMessage(err),
      });
      return undefined;
    }
  };

  const informer = async (): Promise<{ informer: Informer<ConfigMap>; until: AbortSignal }> => {
    rerouted = new AbortController();
    const maps = createInformer<ConfigMap>({
      client: await options.client(),
      kind: configMapKind,
      namespace,
      fieldSelector: `metadata.name=${name}`,
      log,
      onChange: () => {
        const data = maps.get(name, namespace)?.data;
        // What a controller has withdrawn by mistake changes nothing here.
        if (data === undefined) return;
        adopting = adopting
          .then(() => adopt(data))
          .catch((err: unknown) => log.error("Cannot adopt the new settings", { err: errorMessage(err) }));
      },
    });
    return { informer: maps, until: rerouted.signal };
  };
  const following = follow({ name: "the settings of the cluster", log, informer });

  return task({
    name: workerConfigDeclaration.name,
    dependsOn: options.dependsOn,
    parts: async (signal) => {
      const cached = await readCache();
      const portsTaken = { signal, waiting, explain: onlyUserErrors };
      // The server that the node joined by may be gone for good; the cached ones are reached through the balancer.
      if (cached !== undefined) await keepTrying(() => options.beforeAdopting(read(cached)), portsTaken);
      const client = await options.client();
      const fetched = await keepTrying(() => fetchOnce(client, signal), {
        signal,
        waiting,
        explain: (err) => explain(err, client.server, name, options.profile),
        ...(cached === undefined ? {} : { giveUpMs: patienceMs }),
      });
      if (fetched === undefined)
        log.warn("No API server answers: starting with the settings of last time", {
          file: paths.workerProfileCache,
        });
      await keepTrying(() => adopt(fetched ?? cached ?? {}), portsTaken);
      return [following];
    },
    end: () => adopting,
  });
}

/** A node may only read what exists for its version: what it may not read does not exist. */
function explain(err: unknown, server: string, name: string, profile: string): UserError {
  if (!(err instanceof KubeError) || (err.status !== 403 && err.status !== 404))
    return explainApiFailure(err, { server, token: undefined });
  return new UserError(`the cluster has no settings ${namespace}/${name} for this node`, {
    code: "no-worker-config",
    hint: `Is there a worker profile "${profile}" in spec.workerProfiles, and a controller with this worker's k0s version?`,
    cause: err,
  });
}
