import { expect, test } from "bun:test";
import { type Chart, chartKind, specHashOf } from "./chart.ts";
import { KubeError } from "../../kube/errors.ts";
import { isChartWell, knownChart, knownCharts, recentCharts } from "./known-charts.ts";

const chart = (name: string, more: Partial<Chart> = {}): Chart => ({
  ...chartKind,
  metadata: { name, namespace: "kube-system", finalizers: ["helm.k0sproject.io/uninstall-helm-release"] },
  spec: { chartName: "own/web", releaseName: name, namespace: "shop" },
  ...more,
});
const installed = chart("web");
const made = { releaseName: "web", namespace: "shop", version: "1.2.0", revision: 3 };
const settled: Chart = { ...installed, status: { ...made, specHash: specHashOf(installed) } };
const leaving = { ...settled, metadata: { ...settled.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } };
const operation = { release: "web", namespace: "shop", revision: 4 };

test.each<[Chart, string]>([
  [settled, "Installed"],
  [chart("new"), "Pending"],
  [{ ...settled, spec: { ...settled.spec, values: "a: 1" } }, "Pending"],
  [{ ...settled, status: { ...settled.status, operation } }, "Working"],
  [{ ...settled, status: { ...settled.status, error: "no" } }, "Failed"],
  [leaving, "Removing"],
  [{ ...leaving, status: { ...settled.status, error: "cannot be uninstalled" } }, "Failed"],
])("phase %#", (one, phase) => expect(knownChart(one).phase).toBe(phase as "Failed"));

test("by name, and none in a cluster that does not know the kind", async () => {
  const client = {
    list: async () => ({ items: [chart("new"), { ...settled, status: { ...made, error: "no" } }] }),
  };
  const charts = await knownCharts(client as never, AbortSignal.timeout(1_000));
  expect(charts.map(isChartWell)).toEqual([false, false]);
  expect(charts.map(({ name, phase, message }) => [name, phase, message])).toEqual([
    ["new", "Pending", ""],
    ["web", "Failed", "no"],
  ]);
  const none = {
    list: () => Promise.reject(new KubeError({ status: 404, reason: "NotFound", message: "no" })),
  };
  expect(await knownCharts(none as never, AbortSignal.timeout(1_000))).toEqual([]);
});

test("who asks often is told of a moment ago, and what failed is asked for again", async () => {
  let asked = 0;
  const list = async () => {
    asked += 1;
    if (asked === 1) throw new Error("no API server");
    return { items: [settled] };
  };
  const charts = recentCharts(async () => ({ list }) as never, 100);
  const names = async () => (await charts(AbortSignal.timeout(1_000))).map(({ name }) => name);
  expect(await names().catch(String)).toContain("no API server");
  expect([await names(), await names(), asked]).toEqual([["web"], ["web"], 2]);
  await Bun.sleep(150);
  expect([await names(), asked]).toEqual([["web"], 3]);
});

test("those who ask at once share a request, and who gives up does not end it for the others", async () => {
  let asked = 0;
  const answer = Promise.withResolvers<void>();
  const list = async () => {
    asked += 1;
    await answer.promise;
    return { items: [settled] };
  };
  const charts = recentCharts(async () => ({ list }) as never);
  const impatient = new AbortController();
  const all = Promise.allSettled([charts(impatient.signal), charts(AbortSignal.timeout(5_000))]);
  await Bun.sleep(1);
  impatient.abort(new Error("given up"));
  answer.resolve();
  expect((await all).map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  expect(asked).toBe(1);
});
