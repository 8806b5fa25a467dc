// A ClusterConfig on an API server in memory, and controllers that follow it, for tests.

import { afterEach, setDefaultTimeout } from "bun:test";
import type { ClusterConfig } from "../../../config/cluster-config.ts";
import { clusterConfigSchema } from "../../../config/cluster-config.ts";
import { fakeApiServer } from "../../../deployer/testdata/fake-api-server.ts";
import type { KubeClient, WatchOptions } from "../../../kube/client.ts";
import { alwaysLeader, type LeaderElector } from "../../../kube/lease.ts";
import type { WatchEvent } from "../../../kube/types.ts";
import { pause, pollUntil } from "../../../std/wait.ts";
import { type Logged, recordingLog } from "../../../supervisor/testdata/recording-log.ts";
import { dynamicConfig, type FollowedObject } from "../dynamic-config.ts";
import type { ConfigReport } from "../event.ts";
import type { LiveConfig } from "../live-config.ts";
import { clusterConfigObject, readClusterConfig } from "../object.ts";
import { clusterConfigRef } from "../reference.ts";
import type { TakenBack } from "../taken-back.ts";

const defaults = { single: false, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.1" };
const schema = clusterConfigSchema(defaults);
const own = schema.parse({ spec: { scheduler: { extraArgs: { v: "1" } } } });
export const key = "ClusterConfig kube-system/k0s";
const kinds = [
  {
    apiVersion: "k0s.k0sproject.io/v1beta1",
    kind: "ClusterConfig",
    plural: "clusterconfigs",
    namespaced: true,
  },
  {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    plural: "customresourcedefinitions",
    namespaced: false,
  },
];

setDefaultTimeout(60_000);
export const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

type Cluster = ReturnType<typeof fakeApiServer>;

/** Serves a kind as soon as it is defined. */
export function newCluster(): Cluster {
  const cluster = fakeApiServer(kinds);
  cluster.before = async () => {
    const crd = cluster.object("CustomResourceDefinition clusterconfigs.k0s.k0sproject.io");
    const conditions = [{ type: "Established", status: "True" }];
    if (crd !== undefined) Object.assign(crd, { status: { conditions } });
  };
  return cluster;
}

/** With watches: the object as it is, each time that it has changed. */
function watching(cluster: Cluster): KubeClient {
  async function* watch(_kind: unknown, options: WatchOptions = {}): AsyncIterable<WatchEvent> {
    const { signal = new AbortController().signal } = options;
    options.onOpen?.();
    for (let before: string | undefined; !signal.aborted; await pause(5, signal)) {
      const object = cluster.object(key);
      const version = object?.metadata.resourceVersion;
      if (object !== undefined && version !== before) yield { type: "MODIFIED", object };
      before = version;
    }
  }
  return { ...cluster.client, watch } as KubeClient;
}

export interface Controller {
  readonly reports: ConfigReport[];
  readonly log: Logged[];
  readonly kept: ClusterConfig[];
  /** `v` of the scheduler in each configuration that was adopted. */
  readonly adopted: (string | undefined)[];
  readonly ready: () => boolean;
  readonly object: FollowedObject;
  /** Whether each change was one that lets a patch without effect pass. */
  readonly joins: (boolean | undefined)[];
}

interface Setting {
  readonly leader?: LeaderElector;
  readonly known?: boolean;
  /** Before a change is made, after it was read for the first time. */
  readonly turn?: () => Promise<void>;
  readonly trouble?: () => void;
  readonly takenBack?: TakenBack;
}

/** As `takenBackNote`, in memory: what the starts of a controller share. */
export function forgetful(): TakenBack & { noted(): string | undefined } {
  let noted: { readonly generation: string; triedAgain: boolean } | undefined;
  return {
    atStart: async (generation) => {
      if (noted?.generation !== generation) return "first";
      if (noted.triedAgain) return "no";
      noted.triedAgain = true;
      return "again";
    },
    note: async (generation) => {
      if (generation === undefined) noted = undefined;
      else if (noted?.generation !== generation) noted = { generation, triedAgain: false };
    },
    noted: () => noted?.generation,
  };
}

const level = ({ spec }: ClusterConfig): string | undefined => spec.scheduler.extraArgs["v"];

export async function controller(cluster: Cluster, setting: Setting = {}): Promise<Controller> {
  const seen = { reports: [], log: [], kept: [], adopted: [], joins: [] } as Pick<
    Controller,
    "reports" | "log" | "joins"
  > & {
    kept: ClusterConfig[];
    adopted: (string | undefined)[];
  };
  let current: ClusterConfig = own;
  let ready = false;
  const change: LiveConfig["change"] = async (next, _signal, how) => {
    seen.joins.push(how?.joins);
    next(current);
    await setting.turn?.();
    setting.trouble?.();
    const wanted = next(current);
    const changes = level(wanted) === level(current) ? [] : [{ field: "spec.scheduler.extraArgs.v" }];
    current = wanted;
    if (changes.length > 0) seen.adopted.push(level(wanted));
    return { changes, refused: [], steps: [] };
  };
  const client = watching(cluster);
  const { component, object } = dynamicConfig({
    client: async () => client,
    leader: setting.leader ?? alwaysLeader(),
    live: { current: () => current, change } as unknown as LiveConfig,
    object: (config) => clusterConfigObject(config, defaults),
    read: (object, now) => readClusterConfig(object, now, { defaults, rules: [], gates: {} }),
    report: async (report) => void seen.reports.push(report),
    keep: async (config) => void seen.kept.push(config),
    takenBack: setting.takenBack ?? forgetful(),
    known: setting.known ?? false,
    log: recordingLog(seen.log),
  });
  const stop = new AbortController();
  await component.start(stop.signal);
  const readiness = component.ready?.(stop.signal).then(() => (ready = true));
  stops.push(async () => {
    stop.abort();
    await component.stop();
    await Promise.allSettled([readiness]);
  });
  return { ...seen, object, ready: () => ready };
}

export const until = (what: string, probe: () => boolean): Promise<unknown> =>
  pollUntil(probe, { what, intervalMs: 5, timeoutMs: 30_000 });

export function put(cluster: Cluster, spec: object): Promise<unknown> {
  const { apiVersion, kind, namespace, name } = clusterConfigRef;
  const object = { apiVersion, kind, metadata: { namespace, name }, spec };
  return cluster.object(key) === undefined ? cluster.client.create(object) : cluster.client.update(object);
}
