// What a suite of `make test` is, and how one process of bun's own runner is run and counted from its JUnit report.

import { spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type Counts, parseReport } from "./harness/junit-report.ts";

export interface Suite {
  readonly name: string;
  readonly paths: readonly string[];
  /** Limit of one test, ms. */
  readonly timeoutMs: number;
  /**
   * Each file is a process of its own, and so many run side by side, more while the host has room; absent: files share
   * processes of bun's runner.
   */
  readonly filesAtOnce?: number;
  /** At most `filesAtOnce`, whatever room there is. */
  readonly noMore?: true;
  /** Ends of the names of files that take longest: they begin first where it is not known how long each of them takes. */
  readonly first?: readonly string[];
  /** Ends of the names of files that run with nothing beside them, after the others. */
  readonly alone?: readonly string[];
  /** Part of `make test-full` only. */
  readonly long?: true;
}

export interface TestRun {
  readonly paths: readonly string[];
  /** Of one test, ms. */
  readonly timeoutMs: number;
  /** Files are divided among so many processes, longest first by `times`, where bun keeps what it measures; absent: one. */
  readonly divided?: { readonly processes: number; readonly times: string };
  /** Where bun writes its JUnit report. */
  readonly report: string;
  /** Where what it prints goes; absent: to ours. */
  readonly output?: string;
  /** Called with the number of each process of the runner once it has started. */
  readonly started?: (pid: number) => void;
  /** Of the whole process, ms: a hook or a handle that never ends must not hold up everything. */
  readonly limitMs: number;
}

function divisionFlags({ divided }: TestRun): string[] {
  if (divided === undefined) return [];
  const { processes, times } = divided;
  // Modules are loaded once a process, as in a single one: the unit tests are written for that, and loading takes longest.
  return [`--parallel=${processes}`, "--no-isolate", `--timings=${times}`, "--update-timings"];
}

export async function runTests(run: TestRun): Promise<Counts> {
  const args = [
    "test",
    ...run.paths,
    ...divisionFlags(run),
    `--timeout=${run.timeoutMs}`,
    "--reporter=junit",
    `--reporter-outfile=${run.report}`,
  ];
  const output = run.output === undefined ? undefined : openSync(run.output, "a");
  const child = spawn("bun", args, { stdio: output === undefined ? "inherit" : ["ignore", output, output] });
  if (child.pid !== undefined) run.started?.(child.pid);
  const timer = setTimeout(() => child.kill("SIGKILL"), run.limitMs);
  const end = await new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    // Not `close`: what a test has left running may hold the output open.
    child.once("exit", (code, signal) => resolve(code ?? signal ?? 1));
  });
  clearTimeout(timer);
  if (output !== undefined) {
    if (end !== 0) writeSync(output, `bun test ended with ${end}\n`);
    closeSync(output);
  }
  const counts = await readCounts(run);
  // A runner that died (or a file that did not load) must not look like success.
  if (end === 0 || counts.failed > 0) return counts;
  return { ...counts, failed: 1, failures: [`${run.paths.join(" ")}: bun test ended with ${end}`] };
}

async function readCounts({ report, paths }: TestRun): Promise<Counts> {
  let xml: string;
  try {
    xml = await readFile(report, "utf8");
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== "ENOENT") throw err;
    return { passed: 0, failed: 1, skipped: 0, failures: [`${paths.join(" ")}: bun test left no report`] };
  }
  return parseReport(xml);
}
