// `make test` and `make test-full`: run suites with bun's own runner, count from its JUnit report, and close with the plain
// line that anybody's CI can read: `N passed, N failed`. Arguments are the names of suites; without any, those of `make test`.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Suite {
  readonly name: string;
  readonly paths: readonly string[];
  /** Limit of one test, ms. */
  readonly timeoutMs: number;
  /** Part of `make test-full` only. */
  readonly long?: true;
}

const suites: readonly Suite[] = [
  { name: "unit", paths: ["./src", "./build", "./bench", "./test/harness"], timeoutMs: 60_000 },
  { name: "integration", paths: ["./test/integration"], timeoutMs: 600_000 },
  { name: "full", paths: ["./test/full"], timeoutMs: 1_800_000, long: true },
];

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

async function runSuite(suite: Suite, reportDir: string): Promise<Counts> {
  const report = join(reportDir, `${suite.name.replaceAll(" ", "-")}.xml`);
  const args = [
    "test",
    ...suite.paths,
    `--timeout=${suite.timeoutMs}`,
    "--reporter=junit",
    `--reporter-outfile=${report}`,
  ];
  const child = spawn("bun", args, { stdio: "inherit" });
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve(status ?? 1));
  });
  const counts = readCounts(report);
  // A runner that died (or a file that did not load) must not look like success.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

function readCounts(report: string): Counts {
  let xml: string;
  try {
    xml = readFileSync(report, "utf8");
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const root = /<testsuites[^>]*>/.exec(xml)?.[0] ?? "";
  const number = (name: string): number => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(root)?.[1] ?? 0);
  const failed = number("failures") + number("errors");
  const skipped = number("skipped");
  return { passed: number("tests") - failed - skipped, failed, skipped };
}

const only = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
const reportDir = mkdtempSync(join(tmpdir(), "k0s-test-"));
const total: Counts = { passed: 0, failed: 0, skipped: 0 };
for (const suite of suites) {
  if (only.length > 0 ? !only.includes(suite.name) : suite.long) continue;
  const started = performance.now();
  const counts = await runSuite(suite, reportDir);
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  console.log(
    `${suite.name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped in ${minutes} min`,
  );
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}
rmSync(reportDir, { recursive: true, force: true });
console.log(
  `${total.passed} passed, ${total.failed} failed${total.skipped === 0 ? "" : `, ${total.skipped} skipped`}`,
);
process.exit(total.failed === 0 ? 0 : 1);
