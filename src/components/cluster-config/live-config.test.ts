import { expect, test } from "bun:test";
import { type ClusterConfig, clusterConfigSchema } from "../../config/cluster-config.ts";
import { voidPatch } from "../../deployer/patches/patch-trial.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import { silentLogger } from "../../std/logfmt.ts";
import { planChange } from "../../supervisor/config-plan.ts";
import type { Preview } from "../../supervisor/preview.ts";
import type { ConfigReport } from "./event.ts";
import { type LiveConfig, liveConfig } from "./live-config.ts";
import type { Rollout } from "./rollout.ts";

const schema = clusterConfigSchema({ single: false, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.1" });
const withSpec = (spec: object): ClusterConfig => schema.parse({ spec });
const first = withSpec({});
const never = new AbortController().signal;
const followers = {
  controller: [
    { name: "kube-scheduler", follows: { scheduler: "restart", featureGates: "restart" } },
    { name: "coredns", follows: { "images.coredns": "apply" } },
  ],
  worker: [{ name: "kubelet", follows: { workerProfiles: "restart" } }],
} as const;

interface World {
  readonly live: LiveConfig;
  readonly events: string[];
  readonly reports: ConfigReport[];
  readonly previews: Map<string, Preview | undefined>;
  /** What every look at what would be done rejects with. */
  readonly refuse: (err: Error) => void;
}

function world(
  refuses: (config: ClusterConfig) => boolean = () => false,
  { log = silentLogger(), start = first } = {},
): World {
  const events: string[] = [];
  const reports: ConfigReport[] = [];
  const previews = new Map<string, Preview | undefined>();
  let refused: Error | undefined;
  const rollout: Rollout = {
    async alone(work) {
      events.push("turn begins");
      try {
        return await work();
      } finally {
        events.push("turn ends");
      }
    },
  };
  const live = liveConfig({
    first: start,
    plan: (before, after) => planChange(followers, before, after),
    group: () => ({
      preview: async () => {
        if (refused !== undefined) throw refused;
        return previews;
      },
      reconcile: async (config) => {
        events.push(`reconcile ${JSON.stringify(config.spec.scheduler.extraArgs)}`);
        if (refuses(config)) throw new Error("kube-scheduler is not ready: unknown flag: --bogus");
      },
    }),
    rollout,
    adopted: async () => void events.push("adopted"),
    report: async (report) => void reports.push(report),
    log,
  });
  return { live, events, reports, previews, refuse: (err) => void (refused = err) };
}

const faster = withSpec({ scheduler: { extraArgs: { "kube-api-qps": "100" } } });

test("what starts processes again waits for its turn, and an Event says that it worked", async () => {
  const { live, events, reports } = world();
  await live.apply(faster, never);
  expect(events).toEqual(["turn begins", 'reconcile {"kube-api-qps":"100"}', "adopted", "turn ends"]);
  expect(reports).toEqual([{ type: "Normal" }]);
  expect(live.current()).toBe(faster);
  await live.apply(faster, never);
  expect(events).toHaveLength(4);
  expect(reports).toHaveLength(1);
});

test("fields without effect are in the log when a change brings them, and not again", async () => {
  const warned: unknown[] = [];
  const log = { ...silentLogger(), warn: (_: string, fields?: object) => void warned.push(fields) };
  const kubeRouter = (kuberouter: object, more: object = {}) =>
    withSpec({ network: { provider: "kuberouter", kuberouter }, ...more });
  const { live } = world(undefined, { log, start: kubeRouter({ mtu: 1400 }) });
  const said = [
    {
      field: "spec.network.kuberouter.hairpinMode",
      reason: "false is not used: hairpin has taken its place, and is Enabled",
    },
  ];
  const changed = { mtu: 1400, hairpinMode: false };
  await live.apply(kubeRouter(changed), never);
  expect(warned).toEqual(said);
  await live.apply(kubeRouter(changed), never);
  await live.apply(kubeRouter(changed, { scheduler: { extraArgs: { v: "3" } } }), never);
  expect(warned).toEqual(said);
});

test("what starts no process again needs no turn", async () => {
  const { live, events } = world();
  await live.apply(withSpec({ images: { coredns: { version: "1.99.0" } } }), never);
  expect(events).toEqual(["reconcile {}", "adopted"]);
});

test("what does not run with it is put back", async () => {
  const { live, events, reports } = world((config) => config !== first);
  const failure: unknown = await live.apply(faster, never).catch((err: unknown) => err);
  expect(errorMessage(failure)).toContain("unknown flag: --bogus");
  expect(events).toEqual(["turn begins", 'reconcile {"kube-api-qps":"100"}', "reconcile {}", "turn ends"]);
  expect(live.current()).toBe(first);
  expect(reports).toEqual([{ type: "Warning", message: errorMessage(failure) }]);
});

test("what could not go back is tried again, also with the configuration of before", async () => {
  let broken = true;
  const { live, events, reports } = world(() => broken);
  const failure: unknown = await live.apply(faster, never).catch((err: unknown) => err);
  expect(failure).toBeInstanceOf(UserError);
  expect(errorMessage(failure)).toContain("nor could it go back");
  expect(reports).toEqual([{ type: "Warning", message: errorMessage(failure) }]);
  expect(live.current()).toBe(first);
  broken = false;
  events.length = 0;
  await live.apply(first, never);
  expect(events).toEqual(["turn begins", "reconcile {}", "adopted", "turn ends"]);
  await live.apply(first, never);
  expect(events).toHaveLength(4);
});

test("one field that cannot change keeps all from being done, and the reason names it", async () => {
  const { live, events, reports } = world();
  const next = withSpec({ scheduler: { extraArgs: { v: "3" } }, network: { podCIDR: "10.9.0.0/16" } });
  const failure: unknown = await live.apply(next, never).catch((err: unknown) => err);
  expect(errorMessage(failure)).toStartWith(
    "spec.network.podCIDR cannot change: the cluster was made with it",
  );
  expect(events).toEqual([]);
  expect(reports).toHaveLength(1);
  const other = withSpec({ network: { provider: "kuberouter" } });
  const refused: unknown = await live.apply(other, never).catch((err: unknown) => err);
  const reason = "cannot change CNI provider from calico to kuberouter";
  expect(errorMessage(refused)).toBe(reason);
  expect(reports.at(-1)).toEqual({ type: "Warning", message: reason });
});

test("changes are made one after the other, each from what the one before has left", async () => {
  const { live, events } = world();
  const add = (flag: string) => (now: ClusterConfig) =>
    withSpec({ scheduler: { extraArgs: { ...now.spec.scheduler.extraArgs, [flag]: "1" } } });
  await Promise.all([live.change(add("a"), never), live.change(add("b"), never)]);
  expect(events.filter((event) => event.startsWith("reconcile"))).toEqual([
    'reconcile {"a":"1"}',
    'reconcile {"a":"1","b":"1"}',
  ]);
});

test("a patch without effect is refused before anything is done, but by who joins a cluster that runs with it", async () => {
  const { live, events, reports, refuse } = world();
  refuse(
    new UserError("spec.network.coreDNS.patches[0] (Deployment a) names no object", { code: voidPatch }),
  );
  const failure: unknown = await live.apply(faster, never).catch((err: unknown) => err);
  expect(errorMessage(failure)).toContain("names no object");
  expect(events).toEqual([]);
  expect(reports).toEqual([{ type: "Warning", message: errorMessage(failure) }]);
  await live.change(() => faster, never, { joins: true });
  expect(live.current()).toBe(faster);
});

test("components that know what they would do are believed more than the fields that they follow", async () => {
  const { live, previews } = world();
  const gates = withSpec({ featureGates: [{ name: "A", enabled: true, components: ["kubelet"] }] });
  expect((await live.plan(gates)).steps.map(({ component }) => component)).toEqual(["kube-scheduler"]);
  previews.set("kube-scheduler", undefined);
  expect((await live.plan(gates)).steps).toEqual([]);
  const flags = { removed: [], added: ["--v=3"] };
  previews.set("kube-scheduler", { flags });
  expect((await live.plan(withSpec({ scheduler: { extraArgs: { v: "3" } } }))).steps).toEqual([
    {
      component: "kube-scheduler",
      role: "controller",
      action: "restart",
      fields: ["spec.scheduler.extraArgs.v"],
      flags,
    },
  ]);
});
