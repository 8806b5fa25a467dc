import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageTarStream } from "../../oci/archive-writer.ts";
import { chartBlobs, type ChartLabel } from "../../oci/chart-record.ts";
import { errorMessage } from "../../std/errors.ts";
import { silentLogger } from "../../std/logfmt.ts";
import { bestMatch, bundledCharts } from "./bundled-charts.ts";

let dir = "";
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-bundled-charts-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const signal = AbortSignal.timeout(60_000);
const label = (version: string, asked = "^1"): ChartLabel => ({
  source: "https://a/charts/web",
  asked,
  name: "web",
  version,
});

async function bundleOf(charts: readonly (readonly [ChartLabel, string])[]): Promise<Uint8Array> {
  const made = charts.map(([one, text]) => chartBlobs(one, new TextEncoder().encode(text)));
  const blobs = new Map(made.flatMap((one) => [...one.blobs]));
  const openBlob = async (digest: string) => blobs.get(digest);
  const stream = imageTarStream({ images: [], charts: made.map(({ chart }) => chart), openBlob });
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

test("a range is that for which the bundle was made, or the version in it; the newest counts", () => {
  const charts = [label("1.9.0"), label("1.10.0"), label("2.0.0", "")];
  const found = (version: string) => bestMatch(charts, "https://a/charts/web", version)?.version;
  expect([found("^1"), found("1.9.0"), found("v1.9.0"), found(""), found(">=1")]).toEqual([
    "1.10.0",
    "1.9.0",
    "1.9.0",
    "2.0.0",
    undefined,
  ]);
  expect(bestMatch(charts, "https://b/charts/web", "^1")).toBeUndefined();
});

test("charts are found in each bundle, until it goes; what is damaged or no bundle is said", async () => {
  const charts = bundledCharts(dir, silentLogger());
  const found = async (): Promise<unknown> => {
    const chart = await charts.find("https://a/charts/web", "^1", signal);
    return chart === undefined ? undefined : new TextDecoder().decode(chart.archive);
  };
  expect(await bundledCharts(join(dir, "none"), silentLogger()).find("a", "", signal)).toBeUndefined();
  await writeFile(join(dir, "notes.txt"), "no bundle");
  await writeFile(join(dir, "one.tar"), await bundleOf([[label("1.0.0"), "the first"]]));
  expect(await found()).toBe("the first");
  const two = await bundleOf([[label("1.1.0"), "the second"]]);
  await writeFile(join(dir, "two.tar"), two);
  expect(await found()).toBe("the second");
  const damaged = Buffer.from(two);
  damaged.write("THE", damaged.indexOf("the second"));
  await writeFile(join(dir, "two.tar"), damaged);
  expect(await found().catch(errorMessage)).toMatch(/two\.tar: blob sha256:\w+ is damaged/);
  await rm(join(dir, "two.tar"));
  expect(await found()).toBe("the first");
});
