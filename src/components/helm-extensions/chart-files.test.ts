import { expect, test } from "bun:test";
import { packTar } from "modern-tar";
import { errorMessage } from "../../std/errors.ts";
import { chartMetadata, missingDependencies, packChart, readChartArchive } from "./chart-files.ts";

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const chart = (files: Readonly<Record<string, string>>) =>
  new Map(Object.entries(files).map(([path, text]) => [path, bytes(text)]));
const said = (archive: Uint8Array<ArrayBuffer>): Promise<unknown> =>
  readChartArchive(archive, "a.tgz").catch(errorMessage);

const metadata = `name: web
version: 1.0.0
dependencies:
- {name: db, version: "1", repository: "https://a/charts"}
- {name: cache, version: "1", repository: "https://a/charts"}
- {name: queue, version: "1", repository: "https://a/charts"}
`;

test("what a chart depends on and lacks", async () => {
  const files = chart({ "Chart.yaml": metadata, "charts/db-1.0.0.tgz": "", "charts/cache/Chart.yaml": "" });
  const archive = await packChart("web", files);
  expect(await packChart("web", new Map([...files].toReversed()))).toEqual(archive);
  const read = await readChartArchive(archive, "web.tgz");
  expect([...read.keys()].toSorted()).toEqual([...files.keys()].toSorted());
  const { name, version, dependencies } = chartMetadata(read, "web.tgz");
  expect([name, version]).toEqual(["web", "1.0.0"]);
  expect(missingDependencies(read, dependencies).map((one) => one.name)).toEqual(["queue"]);
});

test("a chart of the first format has them in another file", () => {
  const files = chart({
    "Chart.yaml": "name: web\nversion: 1.0.0\n",
    "requirements.yaml": "dependencies: [{name: db, repository: https://a}]\n",
  });
  expect(chartMetadata(files, "x").dependencies).toEqual([{ name: "db", repository: "https://a" }]);
});

test("what is no archive of a chart is said", async () => {
  const tar = async (name: string): Promise<Uint8Array<ArrayBuffer>> =>
    Bun.gzipSync(Uint8Array.from(await packTar([{ header: { name, size: 1 }, body: "x" }])));
  expect(await said(bytes("no"))).toBe(
    "a.tgz is not the archive of a chart: it is not compressed with gzip, or cut short",
  );
  expect(await said(await tar("web/values.yaml"))).toBe(
    "a.tgz is not the archive of a chart: it has no Chart.yaml",
  );
  expect(await said(await tar("web/../../etc/x"))).toContain("leads out of the archive");
  const large = Bun.gzipSync(new Uint8Array(3 << 20));
  expect(await readChartArchive(large, "a.tgz", 2 << 20).catch(errorMessage)).toContain("more than 2 MiB");
});
