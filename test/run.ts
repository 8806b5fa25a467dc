// `make test` and `make test-full`: run suites with bun's own runner and close with the plain line `N passed, N failed`.
// Files that wait for machines most of their time run side by side, as many as the host has room for. Arguments: names of suites (without any, those of
// `make test`), and `--only=TEXT` for the files with that in their path.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { cacheRoot } from "../build/cache-root.ts";
import { ensureDir } from "../src/os/files.ts";
import { testRoot } from "./harness/roots.ts";
import { stagedVariable, stagePrograms } from "./harness/staged-programs.ts";
import { builtFile } from "./harness/test-machine.ts";
import { withNetwork } from "./harness/with-machine.ts";
import { type Counts, countsLine, sum } from "./harness/junit-report.ts";
import { hostRoom, idleShare, processorTimeNow } from "./schedule/host-room.ts";
import { openAccounts } from "./schedule/processor-seconds.ts";
import { keepTimes, keptTimes, longestFirst, timesOfBun } from "./schedule/longest-first.ts";
import { sideBySide } from "./schedule/side-by-side.ts";
import { runTests, type Suite, type TestRun } from "./suite.ts";

const suites: readonly Suite[] = [
  {
    name: "unit",
    paths: [
      "./src",
      "./build",
      "./bench",
      "./test/harness",
      "./test/schedule",
      "./test/main-job",
      "./test/docs",
    ],
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
  { name: "vm", paths: ["test/vm"], timeoutMs: 1_800_000, filesAtOnce: 1, noMore: true, long: true },
];

const fileLimitMs = 3_600_000;

const given = process.argv.slice(2);
const only = given.filter((arg) => !arg.startsWith("--"));
const filter = given.find((arg) => arg.startsWith("--only="))?.slice("--only=".length) ?? "";
const reportDir = mkdtempSync(join(tmpdir(), "k0s-test-"));

/** Seconds of each file that has passed. */
const taken: Record<string, number> = {};

function minutesSince(started: number): string {
  return `${((performance.now() - started) / 60_000).toFixed(1)} min`;
}

const processors = availableParallelism();
/** Unit tests wait for timers and short programs as long as they compute. */
const unitProcesses = Math.min(2 * processors, 8);
const accountOf = openAccounts();
/** Of processors, of all suites so far. */
let secondsUsed = 0;

/** As bun's own runner, and how many seconds of processors it took: undefined where nobody counts them. */
async function runCounted(name: string, run: TestRun): Promise<{ counts: Counts; seconds?: number }> {
  const account = accountOf?.(name);
  if (account === undefined) return { counts: await runTests(run) };
  const counts = await runTests({ ...run, started: (pid) => account.enter(pid) });
  const seconds = account.close();
  secondsUsed += seconds;
  return { counts, seconds };
}

async function runSuite(suite: Suite): Promise<Counts> {
  const { timeoutMs, filesAtOnce } = suite;
  if (filesAtOnce === undefined) {
    const report = join(reportDir, `${suite.name}.xml`);
    await ensureDir(cacheRoot());
    const divided = { processes: unitProcesses, times: timesOfBun };
    const run = { paths: suite.paths, timeoutMs, divided, report, limitMs: fileLimitMs };
    return (await runCounted(suite.name, run)).counts;
  }
  const isOf =
    (ends: readonly string[] = []) =>
    (file: string): boolean =>
      ends.some((end) => file.endsWith(end));
  const isAlone = isOf(suite.alone);
  const files = longestFirst(
    testFiles(suite.paths).filter((file) => file.includes(filter)),
    await keptTimes(),
    isOf(suite.first),
  );
  const run = (file: string): Promise<Counts> => runFile(file, timeoutMs);
  const host = (atLeast: number, atMost: number) => ({ bounds: { atLeast, atMost }, room: hostRoom() });
  const atMost = suite.noMore === true ? filesAtOnce : Math.max(filesAtOnce, 2 * processors + 1);
  const together = await sideBySide(
    files.filter((file) => !isAlone(file)),
    run,
    host(filesAtOnce, atMost),
  );
  return sum([...together, ...(await sideBySide(files.filter(isAlone), run, host(1, 1)))]);
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
  const { counts, seconds } = await runCounted(file, {
    paths: [`./${file}`],
    timeoutMs,
    report: `${base}.xml`,
    output,
    limitMs: fileLimitMs,
  });
  console.log(readFileSync(output, "utf8").trimEnd());
  const mark = counts.failed === 0 ? "✔" : "✖";
  const used = seconds === undefined ? "" : `, ${Math.round(seconds)} s of processors`;
  console.log(`${mark} ${file}: ${countsLine(counts)} in ${minutesSince(started)}${used}`);
  // What failed may have ended early, or waited for its limit.
  if (counts.failed === 0) taken[file] = Math.round((performance.now() - started) / 1000);
  return counts;
}

const totals: Counts[] = [];
for (const suite of suites) {
  if (only.length > 0 ? !only.includes(suite.name) : suite.long) continue;
  // Files side by side share these; made by all of them at once, they would be made several times.
  if (suite.filesAtOnce !== undefined)
    for (const root of ["busybox", "database", "services"] as const) await testRoot(root);
  if (suite.name === "integration") {
    await withNetwork((network) => stagePrograms(builtFile, () => network.machine({ name: "stage" })));
    process.env[stagedVariable] = "1";
  } else delete process.env[stagedVariable];
  const [started, before, usedBefore] = [performance.now(), processorTimeNow(), secondsUsed];
  const counts = await runSuite(suite);
  const busy = Math.round(100 * (1 - idleShare(before, processorTimeNow())));
  const used = ((secondsUsed - usedBefore) / 60).toFixed(1);
  console.log(
    `${suite.name}: ${countsLine(counts)} in ${minutesSince(started)}; processors busy for ${busy} % of it` +
      (accountOf === undefined ? "" : `, ${used} min of them by these tests`),
  );
  totals.push(counts);
}
await keepTimes(taken);
rmSync(reportDir, { recursive: true, force: true });
const total = sum(totals);
// At the end once more, for readers of the last lines alone.
for (const failure of total.failures) console.log(`✖ ${failure}`);
console.log(countsLine(total));
process.exit(total.failed === 0 ? 0 : 1);
