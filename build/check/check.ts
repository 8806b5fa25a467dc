// `make check`: format, lint, types, layers, dead code, file sizes. Every check runs even if an earlier one failed.

import { spawnSync } from "node:child_process";
import { debianLockProblem } from "../debian/check-lock.ts";
import { conflictMarkers } from "./conflict-markers.ts";
import { destructiveCalls, destructiveExceptions } from "./destructive-calls.ts";
import { layersSeen } from "./layers.ts";
import { oversizedFiles } from "./file-size.ts";
import { thrownAwayWords } from "./thrown-away-words.ts";

interface Check {
  readonly name: string;
  /** Returns what is wrong, or undefined. */
  run(): string | undefined | Promise<string | undefined>;
  /** What to print when nothing is wrong. */
  note?(): string;
}

function command(name: string, argv: readonly string[]): Check {
  return {
    name,
    run: () => {
      const [program = "", ...args] = argv;
      const result = spawnSync(program, args, { encoding: "utf8", maxBuffer: 64 << 20 });
      if (result.error !== undefined) return result.error.message;
      return result.status === 0 ? undefined : `${result.stdout}${result.stderr}`.trim();
    },
  };
}

const checks: readonly Check[] = [
  command("format", ["oxfmt", "--check", "."]),
  command("lint", ["oxlint", "--type-aware", "--deny-warnings"]),
  command("types", ["tsc", "--noEmit"]),
  command("dead code", ["knip", "--no-progress"]),
  { name: "layers", run: layersSeen },
  { name: "file size", run: oversizedFiles },
  { name: "merges", run: () => conflictMarkers() },
  { name: "words", run: thrownAwayWords },
  { name: "destruction", run: destructiveCalls, note: destructiveExceptions },
  { name: "debian", run: debianLockProblem },
];

let failed = 0;
for (const check of checks) {
  const started = performance.now();
  const problem = await check.run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${problem === undefined ? "✔" : "✖"} ${check.name.padEnd(11)} ${seconds} s`);
  if (problem === undefined) {
    if (check.note !== undefined) console.log(check.note());
    continue;
  }
  failed += 1;
  console.log(problem);
}
process.exit(failed === 0 ? 0 : 1);
