// The object of the cluster on an API server in memory: who makes it, what a controller does about a change of it.

import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import { fakeApiServer } from "../../deployer/testdata/fake-api-server.ts";
import type { KubeClient, WatchOptions } from "../../kube/client.ts";
import { alwaysLeader, type LeaderElector } from "../../kube/lease.ts";
import type { WatchEvent } from "../../kube/types.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import { pause, pollUntil } from "../../std/wait.ts";
import { type Logged, recordingLog } from "../../supervisor/testdata/recording-log.ts";
import { dynamicConfig, type FollowedObject } from "./dynamic-config.ts";
import type { ConfigReport } from "./event.ts";
import type { LiveConfig } from "./live-config.ts";
import { clusterConfigObject, type ClusterConfigObject, readClusterConfig } from "./object.ts";
import { clusterConfigRef } from "./reference.ts";
import type { TakenBack } from "./taken-back.ts";

const defaults = { single: false, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.1" };
const schema = clusterConfigSchema(defaults);
const own = schema.parse({ spec: { scheduler: { extraArgs: { v: "1" } } } });
const key = "ClusterConfig kube-system/k0s";
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
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

type Cluster = ReturnType<typeof fakeApiServer>;

/** Serves a kind as soon as it is defined. */
function newCluster(): Cluster {
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

interface Controller {
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
function forgetful(): TakenBack & { noted(): string | undefined } {
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

async function controller(cluster: Cluster, setting: Setting = {}): Promise<Controller> {
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

const until = (what: string, probe: () => boolean): Promise<unknown> =>
  pollUntil(probe, { what, intervalMs: 5, timeoutMs: 30_000 });

function put(cluster: Cluster, spec: object): Promise<unknown> {
  const { apiVersion, kind, namespace, name } = clusterConfigRef;
  const object = { apiVersion, kind, metadata: { namespace, name }, spec };
  return cluster.object(key) === undefined ? cluster.client.create(object) : cluster.client.update(object);
}

/** Leads when it is told to. */
function follower(): LeaderElector & { lead(): void } {
  const listeners = new Set<(leading: boolean) => void>();
  const always = alwaysLeader();
  let leading = false;
  return {
    ...always,
    get isLeader() {
      return leading;
    },
    assertTerm() {
      if (!leading) throw new Error("does not lead");
    },
    onChange(listener) {
      listeners.add(listener);
      listener(leading);
      return () => void listeners.delete(listener);
    },
    lead() {
      leading = true;
      for (const listener of listeners) listener(true);
    },
  };
}

test("the leader defines the kind and makes the object of what it runs with; an Event says that it is read", async () => {
  const cluster = newCluster();
  const { reports, ready } = await controller(cluster);
  await until("the object", () => cluster.object(key) !== undefined);
  expect(cluster.object("CustomResourceDefinition clusterconfigs.k0s.k0sproject.io")).toBeDefined();
  expect(cluster.object(key)).toMatchObject({ spec: { scheduler: { extraArgs: { v: "1" } } } });
  await until("readiness", ready);
  await until("an Event", () => reports.length > 0);
  expect(reports).toEqual([{ type: "Normal" }]);
});

test("who does not lead makes nothing and waits; the next leader makes it", async () => {
  const cluster = newCluster();
  const leader = follower();
  const { ready } = await controller(cluster, { leader });
  await pause(100, new AbortController().signal);
  expect([cluster.object(key), ready()]).toEqual([undefined, false]);
  leader.lead();
  await until("the object", () => cluster.object(key) !== undefined);
  await until("readiness", ready);
});

test("an object that is there counts, not the file; one that was read before is not waited for", async () => {
  const cluster = newCluster();
  await put(cluster, { scheduler: { extraArgs: { v: "7" } } });
  const joined = await controller(cluster, { leader: follower() });
  await until("readiness", joined.ready);
  expect(joined.adopted).toEqual(["7"]);
  const known = await controller(newCluster(), { leader: follower(), known: true });
  await until("readiness", known.ready);
});

test("a change is adopted, one that is refused is not, and the next good one is", async () => {
  const cluster = newCluster();
  const { adopted, log } = await controller(cluster);
  await until("the object", () => cluster.object(key) !== undefined);
  await put(cluster, { scheduler: { extraArgs: { v: "2" } } });
  await until("the change", () => adopted.length === 1);
  await put(cluster, { network: { clusterDomain: "other.example" } });
  const refused = ({ message }: Logged): boolean =>
    message === "The configuration of the cluster is not adopted";
  await until("the refusal", () => log.some(refused));
  await put(cluster, { network: { clusterDomain: "cluster.local" }, scheduler: { extraArgs: { v: "3" } } });
  await until("the next change", () => adopted.length === 2);
  expect(adopted).toEqual(["2", "3"]);
});

test("a mistake that is put right before its turn has come is never tried", async () => {
  const cluster = newCluster();
  await put(cluster, { scheduler: { extraArgs: { v: "bad" } } });
  let turns = 0;
  const { adopted, ready } = await controller(cluster, {
    leader: follower(),
    turn: async () => {
      if (++turns > 1) return;
      await put(cluster, { scheduler: { extraArgs: { v: "good" } } });
      await pause(50, new AbortController().signal);
    },
  });
  await until("readiness", ready);
  expect(adopted).toEqual(["good"]);
});

test("what fails for no reason that a person can put right is tried again", async () => {
  const cluster = newCluster();
  await put(cluster, { scheduler: { extraArgs: { v: "7" } } });
  let troubles = 0;
  const { adopted } = await controller(cluster, {
    leader: follower(),
    trouble: () => {
      if (++troubles < 3) throw new Error("connection reset");
    },
  });
  await until("the change", () => adopted.length === 1);
  expect(troubles).toBe(3);
});

test("what does not run here is not tried again before the object changes", async () => {
  const cluster = newCluster();
  await put(cluster, { scheduler: { extraArgs: { v: "7" } } });
  let tries = 0;
  const { adopted } = await controller(cluster, {
    leader: follower(),
    trouble: () => {
      if (++tries === 1) throw new UserError("it was taken back", { code: "config-failed" });
    },
  });
  await until("a try", () => tries === 1);
  await pause(300, new AbortController().signal);
  expect(tries).toBe(1);
  await put(cluster, { scheduler: { extraArgs: { v: "8" } } });
  await until("the change", () => adopted.length === 1);
  expect(adopted).toEqual(["8"]);
});

test("what was taken back the next start tries once more, later ones do not until the object changes", async () => {
  const cluster = newCluster();
  await put(cluster, { scheduler: { extraArgs: { v: "7" } } });
  const takenBack = forgetful();
  let tries = 0;
  const trouble = (): void => {
    tries++;
    if (JSON.stringify(cluster.object(key)).includes('"7"'))
      throw new UserError("it was taken back", { code: "config-failed" });
  };
  const started = () => controller(cluster, { leader: follower(), takenBack, trouble, known: true });
  const failed = ({ log }: Controller) =>
    until("a word", () => log.some(({ message }) => message.endsWith("is not adopted")));
  await failed(await started());
  await stops.pop()?.();
  await failed(await started());
  await stops.pop()?.();
  expect(tries).toBe(2);
  const { adopted, log } = await started();
  await until("a word", () => log.some(({ message }) => message.includes("not tried again")));
  expect(tries).toBe(2);
  await put(cluster, { scheduler: { extraArgs: { v: "8" } } });
  await until("the change", () => adopted.length === 1);
  expect([adopted, takenBack.noted()]).toEqual([["8"], undefined]);
});

test("what was taken back for what has passed is adopted by the next start, whatever else is in the way", async () => {
  const cluster = newCluster();
  await put(cluster, { scheduler: { extraArgs: { v: "7" } } });
  const takenBack = forgetful();
  const faults = [new UserError("slow", { code: "config-failed" }), new Error("no answer"), undefined];
  const trouble = (): void => {
    const fault = faults.shift();
    if (fault !== undefined) throw fault;
  };
  await controller(cluster, { leader: follower(), takenBack, trouble, known: true });
  await until("the note", () => takenBack.noted() !== undefined);
  await stops.pop()?.();
  const { adopted } = await controller(cluster, { leader: follower(), takenBack, trouble, known: true });
  await until("the change", () => adopted.length === 1);
  expect(takenBack.noted()).toBeUndefined();
});

test("a password of a Helm repository in the object is warned of once, by its field", async () => {
  const cluster = newCluster();
  const repositories = [{ name: "shop", url: "https://shop.example", username: "u", password: "pass-w0rd" }];
  const helm = (v: string) => ({ extensions: { helm: { repositories } }, scheduler: { extraArgs: { v } } });
  await put(cluster, helm("7"));
  const { adopted, log } = await controller(cluster, { leader: follower(), known: true });
  await until("the first", () => adopted.length === 1);
  await put(cluster, helm("8"));
  await until("the second", () => adopted.length === 2);
  const warned = log.filter(({ level: at }) => at === "warn");
  expect(warned.map(({ fields }) => fields["reason"])).toEqual([
    expect.stringContaining("spec.extensions.helm.repositories[0].password: the password can be read by"),
  ]);
  expect(JSON.stringify(log)).not.toContain("pass-w0rd");
});

test("what counts from the next start is kept for it, until the object says something else", async () => {
  const cluster = newCluster();
  const { kept } = await controller(cluster, {
    trouble: () => {
      if (JSON.stringify(cluster.object(key)).includes('"enabled":true'))
        throw new UserError("counts from the next start", { code: "config-refused" });
    },
  });
  await until("the object", () => cluster.object(key) !== undefined);
  await put(cluster, { network: { nodeLocalLoadBalancing: { enabled: true } } });
  await until("the next start's", () => kept.length === 1);
  expect(kept[0]?.spec.network.nodeLocalLoadBalancing?.enabled).toBe(true);
  await put(cluster, { network: { nodeLocalLoadBalancing: { enabled: false } } });
  await until("the former", () => kept.length > 1);
  expect(kept.at(-1)?.spec.network.nodeLocalLoadBalancing?.enabled).toBe(false);
});

test("somebody deletes the object: nothing changes", async () => {
  const cluster = newCluster();
  const { adopted } = await controller(cluster);
  await until("the object", () => cluster.object(key) !== undefined);
  await put(cluster, { scheduler: { extraArgs: { v: "2" } } });
  await until("the change", () => adopted.length === 1);
  await cluster.client.delete({ ...clusterConfigRef });
  await pause(100, new AbortController().signal);
  expect(adopted).toEqual(["2"]);
});

test("who has changed the object learns what became of it, and it is tried once", async () => {
  const cluster = newCluster();
  let tries = 0;
  const { object } = await controller(cluster, {
    trouble: () => {
      if (!JSON.stringify(cluster.object(key)).includes('"bad"')) return;
      tries++;
      throw new UserError("it was taken back", { code: "config-failed" });
    },
  });
  await until("the object", () => cluster.object(key) !== undefined);
  const { signal } = new AbortController();
  const good = (await put(cluster, { scheduler: { extraArgs: { v: "2" } } })) as ClusterConfigObject;
  const plan = await object.adopted(good, false, signal);
  expect(plan.changes).toEqual([{ field: "spec.scheduler.extraArgs.v" }]);
  // Asked late, it is the same.
  expect(await object.adopted(good, false, signal)).toBe(plan);
  expect(object.trouble()).toBeUndefined();
  const bad = (await put(cluster, { scheduler: { extraArgs: { v: "bad" } } })) as ClusterConfigObject;
  const outcome = (): Promise<string> =>
    object.adopted(bad, false, signal).then(() => "adopted", errorMessage);
  expect([await outcome(), await outcome(), tries]).toEqual(["it was taken back", "it was taken back", 1]);
  expect(errorMessage(object.trouble())).toBe("it was taken back");
  const again = await object.adopted(bad, true, signal).then(() => "adopted", errorMessage);
  expect([again, tries]).toEqual(["it was taken back", 2]);
  // An older one that a later one has replaced.
  expect(await object.adopted(good, false, signal).then(() => "adopted", errorMessage)).toBe(
    "it was taken back",
  );
});

test("a try that fails for another reason is told to those who wait, and so is the end of k0s", async () => {
  const cluster = newCluster();
  let troubles = 0;
  const { object } = await controller(cluster, {
    trouble: () => {
      if (JSON.stringify(cluster.object(key)).includes('"2"') && ++troubles === 1)
        throw new Error("no space is left");
    },
  });
  await until("the object", () => cluster.object(key) !== undefined);
  const changed = (await put(cluster, { scheduler: { extraArgs: { v: "2" } } })) as ClusterConfigObject;
  const { signal } = new AbortController();
  const waits = object.adopted(changed, false, signal).then(() => "adopted", errorMessage);
  expect(await waits).toBe("no space is left");
  const ended = AbortSignal.abort(new Error("k0s ends"));
  const later = { ...changed, metadata: { ...changed.metadata, resourceVersion: "999999" } };
  expect(await object.adopted(later, false, ended).then(() => "adopted", errorMessage)).toBe("k0s ends");
});

test("a mistake in the object is told by its path for as long as it is there", async () => {
  const cluster = newCluster();
  const { object, adopted, log } = await controller(cluster);
  await until("the object", () => cluster.object(key) !== undefined);
  await put(cluster, { workerProfiles: [{ name: "default", values: { maxPodz: 5 } }] });
  await until("the word", () => log.some(({ message }) => message.endsWith("is not adopted")));
  expect(object.trouble()?.code).toBe("invalid-config");
  expect(errorMessage(object.trouble())).toStartWith("spec.workerProfiles[0].values.maxPodz: ");
  await put(cluster, { workerProfiles: [], scheduler: { extraArgs: { v: "2" } } });
  await until("the change", () => adopted.length === 1);
  expect(object.trouble()).toBeUndefined();
});

test("a patch without effect does not keep out a controller that joins, and nobody else", async () => {
  const cluster = newCluster();
  await put(cluster, { scheduler: { extraArgs: { v: "7" } } });
  const joined = await controller(cluster, { leader: follower() });
  await until("the change", () => joined.adopted.length === 1);
  await put(cluster, { scheduler: { extraArgs: { v: "8" } } });
  await until("the next", () => joined.adopted.length === 2);
  expect(joined.joins).toEqual([true, false]);
  const known = await controller(cluster, { leader: follower(), known: true });
  await until("the change", () => known.adopted.length === 1);
  expect(known.joins).toEqual([false]);
});
