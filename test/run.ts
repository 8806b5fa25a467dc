// `make test` and `make test-full`: run suites with bun's own runner and close with the plain line `N passed, N failed`.
// Files that wait for machines most of their time run side by side. Arguments: names of suites (without any, those of
// `make test`), and `--only=TEXT` for the files with that in their path.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testRoot } from "./harness/roots.ts";
import { type Counts, countsLine, sum } from "./harness/junit-report.ts";
import { runTests, type Suite } from "./suite.ts";

const suites: readonly Suite[] = [
  {
    name: "unit",
    paths: ["./src", "./build", "./bench", "./test/harness", "./test/main-job", "./test/docs"],
    timeoutMs: 60_000,
  },
  {
    name: "integration",
    paths: ["test/integration"],
    timeoutMs: 600_000,
    filesAtOnce: 3,
    first: ["faults.test.ts", "node-local-balancing.test.ts", "datastores.test.ts", "crash-windows.test.ts"],
  },
  {
    name: "full",
    paths: ["test/full"],
    timeoutMs: 1_800_000,
    filesAtOnce: 3,
    first: ["etcd-upkeep.test.ts", "ha-faults.test.ts", "power-cut.test.ts", "status-faults.test.ts"],
    alone: ["many-workers.test.ts", "reproducible.test.ts"],
    long: true,
  },
  // Each machine needs both of a small host's processors.
  { name: "vm", paths: ["test/vm"], timeoutMs: 1_800_000, filesAtOnce: 1, long: true },
];

const fileLimitMs = 3_600_000;

const given = process.argv.slice(2);
const only = given.filter((arg) => !arg.startsWith("--"));
const filter = given.find((arg) => arg.startsWith("--only="))?.slice("--only=".length) ?? "";
const reportDir = mkdtempSync(join(tmpdir(), "k0s-test-"));

function minutesSince(started: number): string {
  return `${((performance.now() - started) / 60_000).toFixed(1)} min`;
}

async function runSuite(suite: Suite): Promise<Counts> {
  const { timeoutMs } = suite;
  if (suite.filesAtOnce === undefined) {
    const report = join(reportDir, `${suite.name}.xml`);
    return await runTests({ paths: suite.paths, timeoutMs, report, limitMs: fileLimitMs });
  }
  const isOf =
    (ends: readonly string[] = []) =>
    (file: string): boolean =>
      ends.some((end) => file.endsWith(end));
  const [isFirst, isAlone] = [isOf(suite.first), isOf(suite.alone)];
  const files = testFiles(suite.paths)
    .filter((file) => file.includes(filter))
    .sort((one, other) => Number(isFirst(other)) - Number(isFirst(one)));
  const counts = [
    ...(await inParallel(
      files.filter((file) => !isAlone(file)),
      suite.filesAtOnce,
      (file) => runFile(file, timeoutMs),
    )),
    ...(await inParallel(files.filter(isAlone), 1, (file) => runFile(file, timeoutMs))),
  ];
  return sum(counts);
}

function testFiles(paths: readonly string[]): string[] {
  const glob = new Bun.Glob("**/*.test.ts");
  return paths.flatMap((path) => [...glob.scanSync(path)].map((file) => join(path, file))).sort();
}

/** What it prints is shown whole when it has ended, so that files side by side can be read one after the other. */
async function runFile(file: string, timeoutMs: number): Promise<Counts> {
  const started = performance.now();
  const base = join(reportDir, file.replaceAll("/", "-"));
  console.log(`… ${file}`);
  const output = `${base}.log`;
  const counts = await runTests({
    paths: [`./${file}`],
    timeoutMs,
    report: `${base}.xml`,
    output,
    limitMs: fileLimitMs,
  });
  console.log(readFileSync(output, "utf8").trimEnd());
  const mark = counts.failed === 0 ? "✔" : "✖";
  console.log(`${mark} ${file}: ${countsLine(counts)} in ${minutesSince(started)}`);
  return counts;
}

async function inParallel<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const queue = items.values();
  const results: R[] = [];
  const worker = async (): Promise<void> => {
    for (const item of queue) results.push(await work(item));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

const totals: Counts[] = [];
for (const suite of suites) {
  if (only.length > 0 ? !only.includes(suite.name) : suite.long) continue;
  // Files side by side share these; made by all of them at once, they would be made several times.
  if (suite.filesAtOnce !== undefined)
    for (const root of ["busybox", "database", "services"] as const) await testRoot(root);
  const started = performance.now();
  const counts = await runSuite(suite);
  console.log(`${suite.name}: ${countsLine(counts)} in ${minutesSince(started)}`);
  totals.push(counts);
}
rmSync(reportDir, { recursive: true, force: true });
const total = sum(totals);
// At the end once more, for readers of the last lines alone.
for (const failure of total.failures) console.log(`✖ ${failure}`);
console.log(countsLine(total));
process.exit(total.failed === 0 ? 0 : 1);
