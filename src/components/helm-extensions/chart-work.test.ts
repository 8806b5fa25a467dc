// The steps of a Chart with a cluster and a helm that are made up: what is called in which order, and what is told.

import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubeClient } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import type { KubeObject } from "../../kube/types.ts";
import { silentLogger } from "../../std/logfmt.ts";
import { noBundles } from "./bundled-charts.ts";
import { packChart } from "./chart-files.ts";
import {
  type Chart,
  chartFinalizer,
  chartKind,
  chartNamespace,
  type ChartSpec,
  type ChartStatus,
} from "./chart.ts";
import { workOn } from "./chart-work.ts";
import { type Helm, HelmError } from "./helm.ts";
import type { Revision } from "./release.ts";

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-chart-work-"));
  const chart = new Map([["Chart.yaml", new TextEncoder().encode("name: web\nversion: 1.0.0\n")]]);
  await writeFile(join(dir, "web.tgz"), await packChart("web", chart));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** What helm leaves, and what it says when it fails. */
type Deed = (revisions: Revision[]) => string | undefined;

const add = (revisions: Revision[], status: string): void => {
  if (status === "deployed")
    for (const [index, one] of revisions.entries())
      if (one.status === "deployed") revisions[index] = { ...one, status: "superseded" };
  revisions.push({ revision: (revisions.at(-1)?.revision ?? 0) + 1, status, writtenAt: Date.now() / 1000 });
};
const works =
  (status: string): Deed =>
  (revisions) => {
    add(revisions, status);
    return undefined;
  };
const fails =
  (status: string | undefined, message: string): Deed =>
  (revisions) => {
    if (status !== undefined) add(revisions, status);
    return message;
  };
const usual: Record<string, Deed> = {
  install: works("deployed"),
  upgrade: works("deployed"),
  rollback: works("deployed"),
  uninstall: (revisions) => void revisions.splice(0),
};

interface World {
  readonly status?: ChartStatus;
  readonly spec?: ChartSpec;
  readonly leaving?: boolean;
  readonly revisions?: readonly string[];
  readonly deeds?: Record<string, Deed>;
  readonly hooks?: readonly object[];
  /** Other objects, by kind and name. */
  readonly objects?: Record<string, object>;
  /** Releases that are another Chart's. */
  readonly taken?: string[];
}

function world({ status, spec, leaving = false, revisions = [], deeds = {}, hooks = [], ...more }: World) {
  const { objects = {}, taken = [] } = more;
  const releases: Revision[] = revisions.map((one, index) => ({
    revision: index + 1,
    status: one,
    writtenAt: 0,
  }));
  const metadata = {
    name: "c",
    namespace: chartNamespace,
    uid: "u",
    finalizers: ["other", chartFinalizer],
    ...(leaving ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
  };
  const wanted = { chartName: join(dir, "web.tgz"), releaseName: "web", namespace: "shop", values: "a: 1" };
  let chart: Chart = { ...chartKind, metadata, spec: { ...wanted, ...spec }, ...(status && { status }) };
  const events: string[] = [];
  const calls: string[] = [];
  const client = {
    get: async () => chart,
    find: async ({ kind, name }: { kind: string; name: string }) => objects[`${kind} ${name}`],
    list: async () => ({
      items: releases.map(({ revision, status, writtenAt }) => ({
        metadata: { labels: { version: `${revision}`, status, modifiedAt: `${Math.floor(writtenAt)}` } },
      })),
    }),
    patch: async (_: unknown, __: unknown, change: Partial<Chart> & { status?: object }) => {
      const all = Object.entries({ ...chart.status, ...change.status });
      const status: ChartStatus = Object.fromEntries(all.filter(([, value]) => value !== null));
      chart = { ...chart, metadata: { ...chart.metadata, ...change.metadata }, status };
      return chart;
    },
    create: async ({ reason, message }: KubeObject) => void events.push([reason, message].join(": ")),
  } as unknown as KubeClient;
  const given: string[][] = [];
  const hidden = new Set<string>();
  const helm: Helm = {
    async run({ args, secrets }) {
      const [command = ""] = args;
      hidden.add(`${command} ${secrets.includes("s3cret")}`);
      if (command === "get") return JSON.stringify({ version: "1.0.0", revision: releases.at(-1)?.revision });
      if (command === "status") return JSON.stringify({ hooks });
      calls.push(args.slice(0, command === "rollback" ? 3 : 2).join(" "));
      const values = args.filter((_, index) => args[index - 1] === "--values");
      given.push(await Promise.all(values.map((path) => Bun.file(path).text())));
      const said = (deeds[command] ?? usual[command])?.(releases);
      if (said !== undefined) throw new HelmError(said);
      return "";
    },
  };
  const work = async (): Promise<string> => {
    const effects = {
      client,
      helm,
      bundles: noBundles,
      assertTerm: () => undefined,
      kubeconfig: "",
      workDir: join(dir, "w"),
      log: silentLogger(),
    };
    const { outcome, ...more } = await workOn(
      effects,
      chart,
      (_, { name }) => (taken.includes(name) ? { ...chartKind, metadata: { name: "other" } } : undefined),
      AbortSignal.timeout(10_000),
    );
    return "gently" in more && more.gently ? `${outcome} gently` : outcome;
  };
  const change = (spec: ChartSpec): void => {
    chart = { ...chart, metadata: { ...chart.metadata, generation: 2 }, spec: { ...chart.spec, ...spec } };
  };
  return { calls, events, given, hidden, releases, client, helm, work, change, chart: () => chart };
}

const states = (releases: readonly Revision[]) => releases.map(({ status }) => status).join(" ");
const made: ChartStatus = { releaseName: "web", namespace: "shop", revision: 1, specHash: "of before" };

test("install, then nothing", async () => {
  const { work, calls, chart, events } = world({});
  expect(await work()).toBe("done");
  expect(chart().status).toMatchObject({
    releaseName: "web",
    namespace: "shop",
    version: "1.0.0",
    revision: 1,
    error: "",
  });
  expect(chart().status?.operation).toBeUndefined();
  expect(await work()).toBe("done");
  expect(calls).toEqual(["install web"]);
  expect(events).toEqual(["Installed: shop/web, version 1.0.0, revision 1"]);
  expect(await readdir(join(dir, "w"))).toEqual([]);
});

test("a change that comes during the work is not taken up by it: others may be before it in the new order", async () => {
  const deeds: Record<string, Deed> = {
    upgrade: (revisions) => {
      if (calls.length === 1) change({ values: "a: 2" });
      return usual["upgrade"]?.(revisions);
    },
  };
  const { work, calls, change, chart, given } = world({ status: made, revisions: ["deployed"], deeds });
  expect(await work()).toBe("wait");
  expect([given, chart().status?.error]).toEqual([[["a: 1"]], ""]);
  expect(await work()).toBe("done");
  expect(calls).toEqual(["upgrade web", "upgrade web"]);
  expect(given).toEqual([["a: 1"], ["a: 2"]]);
});

test("an upgrade that fails is rolled back, and a hook that is the cause is named", async () => {
  const hooks = [{ name: "j", kind: "Job", events: ["pre-upgrade"], last_run: { phase: "Failed" } }];
  const deeds = { upgrade: fails("failed", "job failed") };
  const { work, calls, chart, releases, events } = world({
    status: made,
    revisions: ["deployed"],
    deeds,
    hooks,
  });
  expect(await work()).toBe("failed gently");
  expect(calls).toEqual(["upgrade web", "rollback web 1"]);
  const error =
    "the upgrade to revision 2 failed and was rolled back to revision 1: the hook Job j (pre-upgrade) has failed: job failed";
  expect(chart().status).toMatchObject({ error, revision: 3, specHash: "of before" });
  expect(chart().status?.operation).toBeUndefined();
  expect(events).toEqual([`UpgradeFailed: ${error}`]);
  expect(states(releases)).toBe("superseded failed deployed");
});

test("one that has changed nothing needs no way back", async () => {
  const deeds = { upgrade: fails(undefined, "values do not fit") };
  const { work, calls, chart } = world({ status: made, revisions: ["deployed"], deeds });
  expect(await work()).toBe("failed");
  expect(calls).toEqual(["upgrade web"]);
  expect(chart().status?.error).toBe("the upgrade failed and has changed nothing: values do not fit");
});

test("where the way back fails, too, what is left is known as k0s' own, and healed", async () => {
  const deeds: Record<string, Deed> = {
    upgrade: fails("pending-upgrade", "helm was ended by SIGKILL"),
    rollback: fails("pending-rollback", "no API"),
  };
  const one = world({ status: made, revisions: ["deployed"], deeds });
  expect(await one.work()).toBe("failed gently");
  expect(one.chart().status?.error).toEndWith("it could not be rolled back to revision 1: no API");
  expect(one.chart().status?.operation).toEqual({ release: "web", namespace: "shop", revision: 2 });
  Object.assign(deeds, usual);
  expect(await one.work()).toBe("done");
  expect(one.calls).toEqual(["upgrade web", "rollback web 1", "rollback web 1", "upgrade web"]);
  expect(states(one.releases)).toBe("superseded pending-upgrade pending-rollback superseded deployed");
  expect(one.chart().status).toMatchObject({ error: "", revision: 5 });
});

test("an installation that fails is uninstalled", async () => {
  const deeds = { install: fails("failed", "timed out") };
  const { work, calls, chart, releases } = world({ deeds });
  expect(await work()).toBe("failed gently");
  expect(calls).toEqual(["install web", "uninstall web"]);
  expect(releases).toEqual([]);
  expect(chart().status?.error).toBe("the installation failed and was uninstalled: timed out");
  expect(chart().status?.releaseName).toBeUndefined();
});

test("what a crash has left of an installation goes before the next one", async () => {
  const operation = { release: "web", namespace: "shop", revision: 1 };
  const { work, calls } = world({ status: { operation }, revisions: ["pending-install"] });
  expect(await work()).toBe("done");
  expect(calls).toEqual(["uninstall web", "install web"]);
});

test("another name: the old release goes, the new one comes", async () => {
  const status = { ...made, releaseName: "old" };
  const { work, calls, chart } = world({ status, revisions: ["deployed"] });
  expect(await work()).toBe("done");
  expect(calls).toEqual(["uninstall old", "install web"]);
  expect(chart().status).toMatchObject({ releaseName: "web" });
});

test("somebody else's helm is not disturbed", async () => {
  const one = world({ status: made, revisions: ["deployed"] });
  add(one.releases, "pending-upgrade");
  expect(await one.work()).toBe("wait");
  expect(one.calls).toEqual([]);
  expect(one.events).toEqual(["Waiting: somebody else's helm is at work on revision 2"]);
});

test("deleted: the release goes, then the finalizer; what cannot go stays, with the reason", async () => {
  const one = world({ status: made, revisions: ["deployed"], leaving: true });
  expect(await one.work()).toBe("done");
  expect(one.calls).toEqual(["uninstall web"]);
  expect(one.chart().metadata.finalizers).toEqual(["other"]);
  const deeds = {
    uninstall: fails(undefined, 'failed to delete release: no matches for kind "A" in version "b/v1"'),
  };
  const stuck = world({ status: made, revisions: ["deployed"], leaving: true, deeds });
  expect(await stuck.work()).toBe("failed gently");
  expect(stuck.chart().metadata.finalizers).toEqual(["other", chartFinalizer]);
  expect(stuck.chart().status?.error).toStartWith(
    "the release shop/web cannot be uninstalled: the release holds objects of a kind that the cluster no longer has, A (b/v1)",
  );
});

test("what fails before anything is touched is tried again soon", async () => {
  const missing = world({ spec: { chartName: join(dir, "none.tgz") } });
  expect(await missing.work()).toBe("failed");
  expect(missing.calls).toEqual([]);
  expect(missing.chart().status?.error).toBe(
    `the chart ${join(dir, "none.tgz")} is not on the leading controller`,
  );
  const named = world({ spec: { releaseName: "--kubeconfig" } });
  expect(await named.work()).toBe("failed");
  expect(named.chart().status?.error).toContain('"--kubeconfig" is not a release name');
});

test("a Chart that has gone meanwhile is no failure", async () => {
  const one = world({});
  const gone = () => Promise.reject(new KubeError({ status: 404, reason: "NotFound", message: "gone" }));
  Object.assign(one.client, { get: gone });
  expect(await one.work()).toBe("done");
  expect(one.events).toEqual([]);
});

test.each([
  ["install", [], "INSTALLATION FAILED: cannot re-use a name that is still in use"],
  ["upgrade", ["deployed"], "UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress"],
])(
  "what somebody else began at the same moment is not taken back: %s",
  async (command, revisions, message) => {
    const { work, calls, releases, chart } = world({
      revisions,
      deeds: { [command]: fails(`pending-${command}`, message) },
      ...(revisions.length === 0 ? {} : { status: made }),
    });
    expect(await work()).toBe("failed");
    expect(calls).toEqual([`${command} web`]);
    expect(states(releases)).toEndWith(`pending-${command}`);
    expect(chart().status?.operation).toBeUndefined();
    expect(await work()).toBe("wait");
  },
);

test("values from other objects: waited for, used in their order, and a change of them is an upgrade", async () => {
  const objects: Record<string, object> = {};
  const spec: ChartSpec = { valuesFrom: [{ kind: "ConfigMap", name: "v" }] };
  const one = world({ spec, objects });
  const error = "ConfigMap kube-system/v of valuesFrom not found";
  expect(await one.work()).toBe("failed");
  expect([one.calls, one.chart().status?.error]).toEqual([[], error]);
  const put = (text: string) =>
    (objects["ConfigMap v"] = { metadata: { uid: "1" }, data: { "values.yaml": text } });
  put("b: 1");
  expect(await one.work()).toBe("done");
  expect(await one.work()).toBe("done");
  expect(one.given).toEqual([["b: 1", "a: 1"]]);
  put("b: 2");
  expect(await one.work()).toBe("done");
  expect(await one.work()).toBe("done");
  expect([one.calls, one.given[1]]).toEqual([
    ["install web", "upgrade web"],
    ["b: 2", "a: 1"],
  ]);
  // The release stays as it is while they are away.
  delete objects["ConfigMap v"];
  expect(await one.work()).toBe("failed");
  expect([one.calls.length, one.chart().status?.error]).toEqual([2, error]);
});

test("what a crash has left is healed also while values are missing", async () => {
  const spec: ChartSpec = { valuesFrom: [{ kind: "Secret", name: "v" }] };
  const operation = { release: "web", namespace: "shop", revision: 2 };
  const status = { ...made, operation };
  const one = world({ spec, status, revisions: ["deployed", "pending-upgrade"] });
  expect(await one.work()).toBe("failed");
  expect([one.calls, states(one.releases)]).toEqual([
    ["rollback web 1"],
    "superseded pending-upgrade deployed",
  ]);
});

test("the release of another Chart is left alone, and told once", async () => {
  const error =
    "the release shop/web is that of the Chart other; give this one another releaseName, or delete one of them";
  const taken = ["web"];
  const one = world({ revisions: ["deployed"], taken });
  expect([await one.work(), await one.work()]).toEqual(["failed", "failed"]);
  expect([one.calls, one.events, one.chart().status]).toEqual([[], [`ReleaseTaken: ${error}`], { error }]);
  taken.pop();
  expect(await one.work()).toBe("done");
  expect(one.calls).toEqual(["upgrade web"]);
  // When it is deleted, or moves away, the other one keeps it.
  const leaves = world({ status: made, leaving: true, revisions: ["deployed"], taken: ["web"] });
  expect([await leaves.work(), leaves.calls]).toEqual(["done", []]);
  expect(leaves.chart().metadata.finalizers).toEqual(["other"]);
  const moves = world({ status: { ...made, releaseName: "old" }, revisions: ["deployed"], taken: ["old"] });
  expect([await moves.work(), moves.calls]).toEqual(["done", ["upgrade web"]]);
});

test("what stands in a Secret is hidden in all that helm says, also while other values are missing and at the end", async () => {
  const valuesFrom = [
    { kind: "Secret", name: "gone" },
    { kind: "Secret", name: "v" },
  ] as const;
  const data = { "values.yaml": btoa("password: s3cret") };
  const objects = { "Secret v": { metadata: { uid: "1" }, data } };
  const operation = { release: "web", namespace: "shop", revision: 2 };
  const left = world({
    spec: { valuesFrom },
    objects,
    status: { ...made, operation },
    revisions: ["deployed", "pending-upgrade"],
  });
  expect(await left.work()).toBe("failed");
  expect([...left.hidden]).toEqual(["rollback true"]);
  const deeds = { uninstall: fails(undefined, "no") };
  const leaving = world({
    spec: { valuesFrom },
    objects,
    status: made,
    leaving: true,
    revisions: ["deployed"],
    deeds,
  });
  expect(await leaving.work()).toBe("failed gently");
  expect([...leaving.hidden]).toEqual(["uninstall true", "status true"]);
  const free = world({ spec: { valuesFrom }, status: made, leaving: true, revisions: ["deployed"] });
  expect([await free.work(), ...free.hidden]).toEqual(["done", "uninstall false"]);
});
