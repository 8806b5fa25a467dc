// Runs dependency-cruiser and makes sure that it really read the sources: a cruiser that sees no module passes everything.

import { spawnSync } from "node:child_process";
import { Glob } from "bun";

interface CruiseResult {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly { readonly rule: { readonly name: string }; readonly from: string; readonly to: string }[];
  };
}

/** What breaks the layer rules of `.dependency-cruiser.cjs`, or undefined. */
export function layersSeen(): string | undefined {
  const result = spawnSync("bun", ["--bun", "depcruise", "src", "--config", ".dependency-cruiser.cjs", "--output-type", "json"], {
    encoding: "utf8",
    maxBuffer: 256 << 20,
  });
  if (result.stdout === "") return result.stderr;
  const { summary } = JSON.parse(result.stdout) as CruiseResult;
  const sources = [...new Glob("src/**/*.ts").scanSync()].length;
  if (summary.totalCruised < sources) return `the cruiser saw ${summary.totalCruised} modules of ${sources}`;
  if (summary.violations.length === 0) return undefined;
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`).join("\n");
}
