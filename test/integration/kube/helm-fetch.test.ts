// How a chart is fetched: the real helm and a repository over HTTPS, without a cluster.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { repositoryAccess, secretsOf } from "../../../src/components/helm-extensions/access.ts";
import { noBundles } from "../../../src/components/helm-extensions/bundled-charts.ts";
import { fetchChart } from "../../../src/components/helm-extensions/fetch-chart.ts";
import { createHelm } from "../../../src/components/helm-extensions/helm.ts";
import { createWorkspace } from "../../../src/components/helm-extensions/workspace.ts";
import { chartSource } from "../../../src/config/chart-source.ts";
import { errorMessage } from "../../../src/std/errors.ts";
import { type ChartRepository, settingsChart, startChartRepository } from "../../harness/helm-charts.ts";
import { findBinary } from "./api-server.ts";
import { execSelf } from "../../../src/os/testdata/exec-self.ts";

const charts = ["1.0.0", "1.4.0", "2.0.0", "2.1.0-rc.1"].map((version) => settingsChart(version));
let dir = "";
let open: ChartRepository;
let asking: ChartRepository;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-helm-fetch-"));
  open = await startChartRepository(charts);
  asking = await startChartRepository(charts, { askClients: true });
});
afterAll(async () => {
  open?.[Symbol.dispose]();
  asking?.[Symbol.dispose]();
  await rm(dir, { recursive: true, force: true });
});

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** The name of the archive, or what is said. `more` are keys of the repository's Secret. */
async function fetched(
  { url, username, password, ca }: ChartRepository,
  {
    more = {},
    version = "",
    chart = "own/settings",
  }: { more?: Readonly<Record<string, string | undefined>>; version?: string; chart?: string } = {},
): Promise<string> {
  const source = chartSource(chart);
  if (source === undefined) throw new Error(`${chart} is no chart`);
  const keys = Object.entries({ url, username, password, "ca.crt": ca, ...more }).flatMap(([key, text]) =>
    text === undefined ? [] : [[key, base64(text)]],
  );
  const secret = { apiVersion: "v1", kind: "Secret", metadata: {}, data: Object.fromEntries(keys) };
  const access = repositoryAccess({}, secret);
  const helm = createHelm({
    program: () => findBinary("helm"),
    binDir: dir,
    self: execSelf,
    noProxy: () => [],
  });
  await using workspace = await createWorkspace(join(dir, "work"), "", { source, access, values: [] });
  const call = (args: readonly string[]): Promise<string> => {
    const limits = { secrets: secretsOf(access), limitMs: 60_000 };
    return helm.run({ args, workspace, ...limits }, AbortSignal.timeout(120_000));
  };
  try {
    const fetching = { workspace, bundles: noBundles, helm: call, signal: AbortSignal.timeout(120_000) };
    return basename(await fetchChart({ source, access }, version, fetching));
  } catch (err) {
    return errorMessage(err);
  }
}

test.each([
  ["", "settings-2.0.0.tgz"],
  ["1.0.0", "settings-1.0.0.tgz"],
  ["^1", "settings-1.4.0.tgz"],
  [">=2.1.0-0", "settings-2.1.0-rc.1.tgz"],
])("version %p", async (version, archive) => expect(await fetched(open, { version })).toBe(archive), 120_000);

test("what is not there is named", async () => {
  expect(await fetched(open, { version: "3" })).toContain('chart "settings" matching 3 not found');
  expect(await fetched(open, { chart: "own/none" })).toContain('chart "none" matching  not found');
}, 120_000);

test("a wrong password is refused, and not shown", async () => {
  const said = await fetched(open, { more: { password: "wrong-s3cret" } });
  expect(said).toContain("401");
  expect(said).not.toContain("wrong-s3cret");
}, 120_000);

test("who serves has to be trusted, unless nobody looks", async () => {
  const more = { "ca.crt": undefined };
  expect(await fetched(open, { more })).toContain("certificate signed by unknown authority");
  expect(await fetched(open, { more: { ...more, insecure: "true" } })).toBe("settings-2.0.0.tgz");
}, 120_000);

test("a repository that asks for a certificate gets it", async () => {
  const { cert, key } = asking.client;
  expect(await fetched(asking)).toMatch(/certificate required|handshake failure|EOF|reset|bad certificate/);
  expect(await fetched(asking, { more: { "tls.crt": cert, "tls.key": key } })).toBe("settings-2.0.0.tgz");
}, 120_000);
