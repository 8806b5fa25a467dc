// Helm charts with a real API server, the real helm, a repository over HTTPS with a password and a real registry. Nothing runs
// pods here, so a Deployment is what never becomes ready.

import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chartKind, chartNamespace } from "../../../src/components/helm-extensions/chart.ts";
import { type ClusterConfig, configDefaultsFor } from "../../../src/config/cluster-config.ts";
import type { KubeObject } from "../../../src/kube/types.ts";
import { listProcesses } from "../../../src/os/processes.ts";
import { pause } from "../../../src/std/wait.ts";
import type { Component } from "../../../src/supervisor/component.ts";
import { type Distribution, startDistribution } from "../../harness/distribution.ts";
import {
  chartImage,
  type ChartRepository,
  kindChart,
  packChart,
  settingsChart,
  startChartRepository,
} from "../../harness/helm-charts.ts";
import { findBinary, startTestApiServer, type TestApiServer } from "./api-server.ts";
import { chartRef, helmView, type HelmView } from "./helm-view.ts";
import { memoryLog } from "./memory-log.ts";
import { type SeenSecrets, watchSecrets } from "./seen-secrets.ts";
import { runHelm } from "./run-helm.ts";

const log = memoryLog();
let api: TestApiServer;
let repository: ChartRepository;
let registry: Distribution;
let dir: string;
let helm: string;
let running: Component | undefined;
let seen: SeenSecrets;
let view: HelmView;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-helm-"));
  helm = await findBinary("helm");
  api = await startTestApiServer({ controllers: ["garbage-collector-controller", "namespace-controller"] });
  const charts = ["1.0.0", "1.1.0", "2.0.0"].map((version) => settingsChart(version));
  repository = await startChartRepository([...charts, kindChart("1.0.0")]);
  registry = await startDistribution({ images: [await chartImage(settingsChart("3.1.0"), "team/charts")] });
  await writeFile(join(dir, "repository.crt"), repository.ca);
  await writeFile(join(dir, "registry.crt"), registry.ca);
  await writeFile(join(dir, "local.tgz"), await packChart(settingsChart("9.0.0")));
  seen = watchSecrets(join(dir, "run/helm"));
  view = helmView(api);
}, 600_000);

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

afterAll(async () => {
  await seen?.stop();
  await registry?.[Symbol.asyncDispose]();
  repository?.[Symbol.dispose]();
  await api?.stop();
  await rm(dir, { recursive: true, force: true });
});

type Helm = ClusterConfig["spec"]["extensions"]["helm"];
type Entry = Helm["charts"][number];

function configOf(charts: readonly Entry[]): ClusterConfig {
  const defaults = configDefaultsFor({ single: true, dataDir: dir, publicAddress: "127.0.0.1" });
  const { url, username, password } = repository;
  const helm: Helm = {
    concurrencyLevel: 2,
    repositories: [
      { name: "own", url, username, password, caFile: join(dir, "repository.crt") },
      {
        name: "registry",
        url: `oci://${registry.name}`,
        username: registry.user,
        password: registry.password,
        caFile: join(dir, "registry.crt"),
      },
    ],
    charts: [...charts],
  };
  return { ...defaults, spec: { ...defaults.spec, extensions: { ...defaults.spec.extensions, helm } } };
}

async function start(charts: readonly Entry[], dataDir = dir): Promise<void> {
  await runHelm(configOf(charts), { api, dir, dataDir, program: helm, log }, (made) => (running = made));
}

const change = (charts: readonly Entry[]) =>
  running?.reconcile?.(configOf(charts), AbortSignal.timeout(60_000));

const entry = (name: string, more: Partial<Entry> = {}): Entry => ({
  name,
  chartname: "own/settings",
  namespace: `ns-${name}`,
  timeout: "90s",
  ...more,
});

test("addons: a chart is installed, upgraded by values and by version, and uninstalled when it is taken away", async () => {
  await start([entry("one", { version: "~1.0" })]);
  const first = await view.until("one", "the installation", ({ revision }) => revision === 1);
  expect(first).toMatchObject({
    releaseName: "one",
    namespace: "ns-one",
    version: "1.0.0",
    appVersion: "1.0.0-app",
    status: "deployed",
    error: "",
  });
  expect(await view.settingsOf("one")).toEqual({ greeting: "hello", version: "1.0.0" });
  const chart = await view.chartOf("one");
  expect(chart?.metadata.finalizers).toEqual(["helm.k0sproject.io/uninstall-helm-release"]);
  expect(JSON.stringify(chart)).not.toContain(repository.password);

  await change([entry("one", { version: "~1.0", values: "greeting: servus" })]);
  await view.until("one", "the upgrade by values", ({ revision }) => revision === 2);
  expect(await view.settingsOf("one")).toEqual({ greeting: "servus", version: "1.0.0" });
  await change([entry("one", { version: ">=1.0 <2", values: "greeting: servus" })]);
  await view.until("one", "the upgrade by version", ({ version }) => version === "1.1.0");
  await view.told("one", ["Installed", "Upgraded", "Upgraded"]);
  expect(await view.eventsOf("one")).toEqual(["Installed", "Upgraded", "Upgraded"]);
  // A minute that is up, and a new leader, change nothing.
  await running?.stop();
  await start([entry("one", { version: ">=1.0 <2", values: "greeting: servus" })]);
  await pause(3_000, AbortSignal.timeout(60_000));
  expect((await view.chartOf("one"))?.status?.revision).toBe(3);
  expect((await view.revisionsOf("one")).length).toBe(3);

  // Another controller takes the lead, whose file has never named it.
  await running?.stop();
  await start([], join(dir, "other"));
  await pause(3_000, AbortSignal.timeout(60_000));
  expect((await view.chartOf("one"))?.metadata.deletionTimestamp).toBeUndefined();

  // It leaves the configuration while no k0s is there.
  await running?.stop();
  await start([]);
  await view.gone("one");
  expect(await view.settingsOf("one")).toBeUndefined();
  expect(await view.revisionsOf("one")).toEqual([]);
}, 600_000);

test("charts of a registry with a password and of an archive on the disk", async () => {
  const oci = entry("oci", { chartname: `oci://${registry.name}/team/charts/settings`, version: "3.x" });
  await start([oci, entry("local", { chartname: join(dir, "local.tgz") })]);
  await view.until("oci", "the chart of the registry", ({ version }) => version === "3.1.0");
  await view.until("local", "the local chart", ({ version }) => version === "9.0.0");
  expect(await view.settingsOf("oci")).toEqual({ greeting: "hello", version: "3.1.0" });
}, 600_000);

test("an upgrade that fails is rolled back, says so, and the next change works", async () => {
  await start([entry("two")]);
  await view.until("two", "the installation", ({ revision }) => revision === 1);
  await change([entry("two", { values: "greeting: bad\npods: true", timeout: "4s" })]);
  const failed = await view.until("two", "the failure", ({ error = "" }) => error !== "");
  expect(failed.error).toContain("the upgrade to revision 2 failed and was rolled back to revision 1:");
  expect(failed).toMatchObject({ revision: 3, status: "deployed", version: "2.0.0" });
  expect(await view.settingsOf("two")).toMatchObject({ greeting: "hello" });
  expect(await view.eventsOf("two")).toEqual(["Installed", "UpgradeFailed"]);
  await change([entry("two", { values: "greeting: good" })]);
  await view.until("two", "the next upgrade", ({ error, revision }) => error === "" && revision === 4);
  expect(await view.settingsOf("two")).toMatchObject({ greeting: "good" });
}, 600_000);

test("a hook that does not end is named", async () => {
  await start([entry("hook")]);
  await view.until("hook", "the installation", ({ revision }) => revision === 1);
  await change([entry("hook", { values: "hook: true", timeout: "4s" })]);
  const { error } = await view.until("hook", "the failure", (status) => (status.error ?? "") !== "");
  expect(error).toContain("the hook Job hook-before (pre-upgrade) did not end in time");
  expect(error).toContain("rolled back to revision 1");
}, 600_000);

test("what a helm leaves that is killed is rolled back at once", async () => {
  await start([entry("three")]);
  await view.until("three", "the installation", ({ revision }) => revision === 1);
  await change([entry("three", { values: "greeting: bad\npods: true" })]);
  await view.isPending("three");
  process.kill(await view.helmAtWork("three"), "SIGKILL");
  const { error } = await view.until("three", "the failure", (status) => (status.error ?? "") !== "");
  expect(error).toContain("rolled back to revision 1: helm was ended by SIGKILL");
  expect((await view.revisionsOf("three")).at(-1)).toBe("3 deployed");
  expect(await view.settingsOf("three")).toMatchObject({ greeting: "hello" });
}, 600_000);

test("a release that k0s has left in the middle is healed by the next start", async () => {
  await start([entry("four")]);
  await view.until("four", "the installation", ({ revision }) => revision === 1);
  await change([entry("four", { values: "greeting: bad\npods: true" })]);
  await view.isPending("four");
  const pid = await view.helmAtWork("four");
  await running?.stop();
  expect((await listProcesses()).some((info) => info.pid === pid && info.state !== "Z")).toBe(false);
  expect(await view.revisionsOf("four")).toEqual(["1 deployed", "2 pending-upgrade"]);

  await start([entry("four", { values: "greeting: good" })]);
  await view.until(
    "four",
    "the upgrade after it",
    ({ revision, operation }) => revision === 4 && operation === undefined,
  );
  expect(await view.settingsOf("four")).toMatchObject({ greeting: "good" });
  await view.told("four", ["Healed", "Upgraded"]);
}, 600_000);

test("an installation that fails leaves nothing, and a Chart whose Secret is missing heals when it comes", async () => {
  await start([entry("five", { values: "pods: true", timeout: "4s" })]);
  const { error } = await view.until("five", "the failure", (status) => (status.error ?? "") !== "");
  expect(error).toContain("the installation failed and was uninstalled:");
  expect(await view.revisionsOf("five")).toEqual([]);
  expect(await view.settingsOf("five")).toBeUndefined();

  const secretRef = { name: "repository" };
  const finalizers = ["helm.k0sproject.io/uninstall-helm-release"];
  await api.client.create<KubeObject>({
    ...chartKind,
    metadata: { name: "k0s-addon-chart-six", namespace: chartNamespace, finalizers },
    spec: {
      chartName: "any/settings",
      releaseName: "six",
      namespace: "ns-six",
      repository: { configFrom: { secretRef } },
    },
  });
  const missing = await view.until("six", "the failure", (status) => (status.error ?? "") !== "");
  expect(missing.error).toBe("Secret kube-system/repository of the repository not found");
  const { url, username, password, ca } = repository;
  await api.client.create<KubeObject>({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "repository", namespace: chartNamespace },
    stringData: { url, username, password, "ca.crt": ca },
  });
  await view.until("six", "the installation", (status) => status.error === "" && status.version === "2.0.0");
  expect(await api.client.delete(chartRef("six"))).toBe(true);
  await view.gone("six");
  expect(await view.revisionsOf("six")).toEqual([]);
}, 600_000);

test("an entry that gets another name is another release, and the one of before goes", async () => {
  await start([entry("seven")]);
  await view.until("seven", "the installation", ({ revision }) => revision === 1);
  await change([entry("eight", { namespace: "ns-seven" })]);
  const renamed = await view.until("eight", "the other one", ({ revision }) => revision === 1);
  expect(renamed).toMatchObject({ releaseName: "eight", namespace: "ns-seven", error: "" });
  await view.gone("seven");
  expect(await view.revisionsOf("seven")).toEqual([]);
  expect(await view.settingsOf("seven")).toBeUndefined();
}, 600_000);

test("a Chart goes though its release never came", async () => {
  const never = join(dir, "never.tgz");
  await start([entry("nine", { chartname: never })]);
  const { error } = await view.until("nine", "the failure", (status) => (status.error ?? "") !== "");
  expect(error).toBe(`the chart ${never} is not on the leading controller`);
  await change([]);
  await view.gone("nine");
}, 600_000);

test("a chart waits for those of a lower order", async () => {
  await mkdir(join(dir, "later"), { recursive: true });
  const late = join(dir, "later/chart.tgz");
  await start([
    entry("base", { chartname: late, order: 1 }),
    entry("top", { order: 2 }),
    entry("aside", { order: 1 }),
  ]);
  const { error } = await view.until("base", "the failure", (status) => (status.error ?? "") !== "");
  expect(error).toBe(`the chart ${late} is not on the leading controller`);
  await view.until("aside", "the other one of this order", ({ revision }) => revision === 1);
  expect((await view.chartOf("top"))?.status).toBeUndefined();
  await writeFile(late, await packChart(settingsChart("1.2.3")));
  await view.until("base", "the first", ({ version }) => version === "1.2.3");
  await view.until("top", "the second", ({ revision }) => revision === 1);
}, 600_000);

test("a kind that was taken away is named, and kubectl shows how a Chart is", async () => {
  await start([entry("kind", { chartname: "own/kind" })]);
  await view.until("kind", "the installation", ({ revision }) => revision === 1);
  const [head = "", ...rows] = (await view.kubectl("get", "charts", "-n", "kube-system")).split("\n");
  expect(head.split(/\s+/)).toEqual(["NAME", "RELEASE", "NAMESPACE", "VERSION", "REVISION", "ERROR"]);
  expect(rows.map((row) => row.split(/\s+/).slice(0, 5))).toContainEqual(
    "k0s-addon-chart-kind kind ns-kind 1.0.0 1".split(" "),
  );
  await view.kubectl("delete", "customresourcedefinition", "things.tests.example", "--wait=true");
  await change([]);
  const { error } = await view.until("kind", "the failure", (status) => (status.error ?? "") !== "");
  expect(error).toContain(
    "the release ns-kind/kind cannot be uninstalled: the release holds objects of a kind",
  );
  expect(error).toContain("no longer has, Thing (tests.example/v1); install its definition again");
  const described = await view.kubectl("describe", "chart", "-n", "kube-system", "k0s-addon-chart-kind");
  expect(described).toMatch(/Warning\s+UninstallationFailed/);
  const nothing = '{"metadata":{"finalizers":[]}}';
  await view.kubectl(
    "patch",
    "chart",
    "-n",
    "kube-system",
    "k0s-addon-chart-kind",
    "--type=merge",
    "-p",
    nothing,
  );
  await view.gone("kind");
}, 600_000);

test("no password was in an argument, the environment of helm or a line of the log, and files were private", () => {
  expect([...seen.texts].filter((text) => text.startsWith("--repository-config")).length).toBeGreaterThan(0);
  expect(repository.requests.filter((line) => line.endsWith(" 200")).length).toBeGreaterThan(3);
  for (const secret of [repository.password, registry.password]) {
    expect([...seen.texts].filter((text) => text.includes(secret))).toEqual([]);
    expect(JSON.stringify(log.lines)).not.toContain(secret);
  }
  const modes = [
    "ca.crt 600",
    "directory 700",
    "registry.json 600",
    "repositories.yaml 600",
    "values-0.yaml 600",
  ];
  expect([...seen.modes].toSorted()).toEqual(modes);
});
