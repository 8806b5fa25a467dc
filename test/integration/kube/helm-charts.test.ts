// Where charts come from, with a real API server and the real helm: what they depend on, a registry without TLS, a bundle in
// place of a network.

import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleCharts } from "../../../src/cli/airgap/bundle-charts.ts";
import { type ClusterConfig, configDefaultsFor } from "../../../src/config/cluster-config.ts";
import { imageTarStream } from "../../../src/oci/archive-writer.ts";
import type { Component } from "../../../src/supervisor/component.ts";
import { type Distribution, startDistribution } from "../../harness/distribution.ts";
import {
  chartImage,
  type ChartRepository,
  packChart,
  parentChart,
  settingsChart,
  startChartRepository,
} from "../../harness/helm-charts.ts";
import { findBinary, startTestApiServer, type TestApiServer } from "./api-server.ts";
import { helmView, type HelmView } from "./helm-view.ts";
import { memoryLog } from "./memory-log.ts";
import { runHelm } from "./run-helm.ts";
import { execSelf } from "../../../src/os/testdata/exec-self.ts";

const log = memoryLog();
const versions = ["1.0.0", "1.1.0", "2.0.0"].map((version) => settingsChart(version));
let api: TestApiServer;
let repository: ChartRepository;
let registry: Distribution;
let dir: string;
let helm: string;
let running: Component | undefined;
let view: HelmView;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-helm-charts-"));
  helm = await findBinary("helm");
  api = await startTestApiServer({ controllers: ["garbage-collector-controller", "namespace-controller"] });
  repository = await startChartRepository((url) => [...versions, parentChart("1.0.0", `${url}/`)]);
  const images = [await chartImage(settingsChart("3.1.0"), "team")];
  registry = await startDistribution({ images, plainHttp: true });
  await writeFile(join(dir, "repository.crt"), repository.ca);
  view = helmView(api);
}, 600_000);

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
  repository?.[Symbol.dispose]();
  await api?.stop();
  await rm(dir, { recursive: true, force: true });
});

type Helm = ClusterConfig["spec"]["extensions"]["helm"];
type Entry = Helm["charts"][number];

const entry = (name: string, chartname: string, more: Partial<Entry> = {}): Entry => ({
  name,
  chartname,
  namespace: `ns-${name}`,
  timeout: "90s",
  ...more,
});

function helmOf(charts: readonly Entry[], url = repository.url): Helm {
  const { username, password } = repository;
  const { name, user } = registry;
  return {
    concurrencyLevel: 2,
    repositories: [
      { name: "own", url, username, password, caFile: join(dir, "repository.crt") },
      {
        name: "plain",
        url: `oci://${name}`,
        username: user,
        password: registry.password,
        plainHTTP: true,
      },
    ],
    charts: [...charts],
  };
}

async function start(helmConfig: Helm): Promise<void> {
  const defaults = configDefaultsFor({ single: true, dataDir: dir, publicAddress: "127.0.0.1" });
  const extensions = { ...defaults.spec.extensions, helm: helmConfig };
  const config = { ...defaults, spec: { ...defaults.spec, extensions } };
  await runHelm(config, { api, dir, program: helm, log }, (made) => (running = made));
}

test("a registry without TLS", async () => {
  await start(helmOf([entry("plain", `oci://${registry.name}/team/settings`)]));
  await view.until("plain", "the installation", ({ version }) => version === "3.1.0");
}, 300_000);

test("what a chart depends on is fetched from the same repository, with its password, or named", async () => {
  const archive = join(dir, "parent.tgz");
  await writeFile(archive, await packChart(parentChart("1.0.0", "file://../settings")));
  await start(helmOf([entry("none", archive)]));
  const { error } = await view.until("none", "the failure", (status) => (status.error ?? "") !== "");
  expect(error).toBe(
    'the chart depends on settings, which is not in its archive and cannot be fetched from "file://../settings"',
  );
  await running?.stop();
  await start(helmOf([entry("parent", "own/parent")]));
  await view.until("parent", "the installation", ({ version }) => version === "1.0.0");
  expect(await view.settingsOf("parent")).toEqual({ greeting: "from the parent", version: "1.1.0" });
  await running?.stop();
  // Another one does not get the password.
  using other = await startChartRepository(versions);
  using parents = await startChartRepository([parentChart("1.0.0", other.url)]);
  await writeFile(join(dir, "repository.crt"), [repository.ca, other.ca, parents.ca].join(""));
  await start(helmOf([entry("stranger", "own/parent")], parents.url));
  const refused = await view.until("stranger", "the failure", (status) => (status.error ?? "") !== "");
  expect(refused.error).toContain("what the chart depends on cannot be fetched:");
  expect(other.requests.filter((line) => line.endsWith(" 200"))).toEqual([]);
}, 300_000);

test("charts of a bundle are used, with what they depend on, when no repository answers", async () => {
  const nowhere = "https://127.0.0.1:1/charts";
  const config = (url: string) => helmOf([entry("bundled", "own/parent", { version: "^1" })], url);
  const charts = new Map<string, Uint8Array | string>();
  using served = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      const file = charts.get(new URL(request.url).pathname);
      return file === undefined ? new Response("no", { status: 404 }) : new Response(file);
    },
  });
  const url = `http://127.0.0.1:${served.port}`;
  const all = [...versions, parentChart("1.0.0", url)];
  const entries = all.map(({ name, version, dependencies }) => ({
    apiVersion: "v2",
    name,
    version,
    dependencies,
    urls: [`${name}-${version}.tgz`],
  }));
  for (const chart of all) charts.set(`/${chart.name}-${chart.version}.tgz`, await packChart(chart));
  charts.set(
    "/index.yaml",
    JSON.stringify({ apiVersion: "v1", entries: Object.groupBy(entries, ({ name }) => name) }),
  );
  await mkdir(join(dir, "images"), { recursive: true });
  const bundle = async (): Promise<Uint8Array> => {
    const { charts: found, blobs } = await bundleCharts(
      config(url),
      { stage: async () => helm, self: execSelf },
      AbortSignal.timeout(120_000),
      () => undefined,
    );
    expect(found.map(({ source, asked, name, version }) => [source, asked, name, version])).toEqual([
      [`${url}/parent`, "^1", "parent", "1.0.0"],
    ]);
    const openBlob = async (digest: string) => blobs.get(digest);
    return new Uint8Array(
      await new Response(imageTarStream({ images: [], charts: found, openBlob })).arrayBuffer(),
    );
  };
  const one = await bundle();
  expect(Buffer.compare(await bundle(), one)).toBe(0);
  await served.stop(true);
  await writeFile(join(dir, "images/charts.tar"), one);
  await start(config(url));
  await view.until("bundled", "the installation", ({ version }) => version === "1.0.0");
  expect(await view.settingsOf("bundled")).toEqual({ greeting: "from the parent", version: "1.1.0" });
  await running?.stop();
  // What the bundle does not hold is asked of the repository.
  await start(helmOf([entry("elsewhere", "own/parent")], nowhere));
  const { error } = await view.until("elsewhere", "the failure", (status) => (status.error ?? "") !== "");
  expect(error).toContain("connection refused");
}, 300_000);
