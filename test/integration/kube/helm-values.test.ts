// What Charts take from other objects, with a real API server and the real helm: values and credentials. And two Charts of
// one release.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chartKind, chartNamespace } from "../../../src/components/helm-extensions/chart.ts";
import { type ClusterConfig, configDefaultsFor } from "../../../src/config/cluster-config.ts";
import type { KubeObject } from "../../../src/kube/types.ts";
import { pause } from "../../../src/std/wait.ts";
import type { Component } from "../../../src/supervisor/component.ts";
import { type ChartRepository, settingsChart, startChartRepository } from "../../harness/helm-charts.ts";
import { findBinary, startTestApiServer, type TestApiServer } from "./api-server.ts";
import { chartRef, helmView, type HelmView } from "./helm-view.ts";
import { memoryLog } from "./memory-log.ts";
import { runHelm } from "./run-helm.ts";
import { type SeenSecrets, watchSecrets } from "./seen-secrets.ts";

const log = memoryLog();
let api: TestApiServer;
let repository: ChartRepository;
let dir: string;
let running: Component | undefined;
let seen: SeenSecrets;
let view: HelmView;

/** Fails with its password in the message, as templates of charts do. */
const careless = {
  ...settingsChart("1.0.0", "careless"),
  files: {
    "templates/all.yaml": `
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-settings}
data:
  greeting: {{ .Values.greeting | quote }}
  length: {{ .Values.password | len | quote }}
{{ if .Values.refuse }}{{ fail (printf "the password %s is too short" .Values.password) }}{{ end }}
`,
  },
};

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-helm-values-"));
  api = await startTestApiServer();
  repository = await startChartRepository([careless]);
  await writeFile(join(dir, "repository.crt"), repository.ca);
  seen = watchSecrets(join(dir, "run/helm"));
  view = helmView(api);
  const config = configWith({
    concurrencyLevel: 2,
    repositories: [{ name: "own", url: repository.url, configFrom: { secretRef: { name: "repository" } } }],
    charts: [
      {
        name: "one",
        chartname: "own/careless",
        namespace: "ns-one",
        values: "greeting: inline",
        valuesFrom: [
          { kind: "ConfigMap", name: "values", key: "general" },
          { kind: "Secret", name: "values" },
          { kind: "Secret", name: "nowhere", optional: true },
        ],
      },
    ],
  });
  const program = await findBinary("helm");
  await runHelm(config, { api, dir, program, log }, (made) => (running = made));
}, 600_000);

afterAll(async () => {
  await running?.stop();
  await seen?.stop();
  repository?.[Symbol.dispose]();
  await api?.stop();
  await rm(dir, { recursive: true, force: true });
});

function configWith(helm: ClusterConfig["spec"]["extensions"]["helm"]): ClusterConfig {
  const defaults = configDefaultsFor({ single: true, dataDir: dir, publicAddress: "127.0.0.1" });
  return { ...defaults, spec: { ...defaults.spec, extensions: { ...defaults.spec.extensions, helm } } };
}

const put = async (kind: string, name: string, texts: Record<string, string>): Promise<void> => {
  const field = kind === "Secret" ? "stringData" : "data";
  const object = { apiVersion: "v1", kind, metadata: { name, namespace: chartNamespace }, [field]: texts };
  await api.client.apply<KubeObject>(object, { fieldManager: "test", force: true });
};
const settings = () => view.settingsOf("one");
const errorOf = async (what: string, test: (error: string) => boolean): Promise<string> =>
  (await view.until("one", what, ({ error = "" }) => test(error))).error ?? "";

test("what is missing is told, one after the other, and the chart is installed when all of it is there", async () => {
  expect(await errorOf("the first complaint", (error) => error !== "")).toBe(
    "ConfigMap kube-system/values of valuesFrom not found",
  );
  await put("ConfigMap", "values", { general: "greeting: general\npassword: none\nrefuse: false\n" });
  await errorOf("the second", (error) => error === "Secret kube-system/values of valuesFrom not found");
  await put("Secret", "values", { "values.yaml": "password: a-secret-word\n" });
  await errorOf(
    "the third",
    (error) => error === "Secret kube-system/repository of the repository not found",
  );
  const { username, password, ca } = repository;
  await put("Secret", "repository", { username, password, "ca.crt": ca });
  await view.until("one", "the installation", ({ error, revision }) => error === "" && revision === 1);
  expect(await settings()).toEqual({ greeting: "inline", length: "13" });
}, 300_000);

test("a change of a Secret is an upgrade; the same again, or another field of it, is none", async () => {
  await put("Secret", "values", { "values.yaml": "password: another-secret-word\n" });
  await view.until("one", "the upgrade", ({ revision }) => revision === 2);
  expect(await settings()).toEqual({ greeting: "inline", length: "19" });
  await view.kubectl("annotate", "secret", "-n", chartNamespace, "values", "note=nothing");
  await pause(3_000, AbortSignal.timeout(60_000));
  expect((await view.chartOf("one"))?.status?.revision).toBe(2);
}, 300_000);

test("nothing of a Secret is in what is told of a failure", async () => {
  await put("Secret", "values", { "values.yaml": "password: a-third-secret-word\nrefuse: true\n" });
  expect(await errorOf("the failure", (error) => error !== "")).toContain("the password xxxxx is too short");
  await put("Secret", "values", { "values.yaml": "password: a-third-secret-word\n" });
  await view.until("one", "the next upgrade", ({ error, revision }) => error === "" && revision === 3);
  const told = await api.client.list({ apiVersion: "v1", kind: "Event" }, { namespace: chartNamespace });
  expect(told.items.length).toBeGreaterThan(2);
  const texts = [
    JSON.stringify(told.items),
    JSON.stringify(await view.chartOf("one")),
    JSON.stringify(log.lines),
  ];
  for (const text of [...texts, ...seen.texts])
    for (const secret of ["secret-word", repository.password]) expect(text).not.toContain(secret);
}, 300_000);

test("a second Chart of the same release is refused, and what it leaves does not go with it", async () => {
  await api.client.create<KubeObject>({
    ...chartKind,
    metadata: {
      name: "k0s-addon-chart-rival",
      namespace: chartNamespace,
      finalizers: ["helm.k0sproject.io/uninstall-helm-release"],
    },
    spec: { chartName: join(dir, "none.tgz"), releaseName: "one", namespace: "ns-one" },
  });
  const refused = await view.until("rival", "the refusal", ({ error = "" }) => error !== "");
  expect(refused.error).toBe(
    "the release ns-one/one is that of the Chart k0s-addon-chart-one; give this one another releaseName, or delete one of them",
  );
  expect(await api.client.delete(chartRef("rival"))).toBe(true);
  await view.gone("rival");
  expect(await view.revisionsOf("one")).toHaveLength(3);
  expect(await settings()).toMatchObject({ greeting: "inline" });
}, 300_000);
