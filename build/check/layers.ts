// Runs dependency-cruiser and makes sure that it really read the sources: a cruiser that sees no module passes everything.

import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { tmpdir } from "node:os";
import { Glob } from "bun";

interface CruiseResult {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly {
      readonly rule: { readonly name: string };
      readonly from: string;
      readonly to: string;
    }[];
  };
}

/** What breaks the layer rules of `.dependency-cruiser.cjs`, or undefined. */
export function layersSeen(): string | undefined {
  const sources = [...new Glob("src/**/*.ts").scanSync()];
  const copy = mkdtempSync(join(tmpdir(), "k0s-layers-"));
  try {
    copySources(sources, copy);
    const program = resolve("node_modules/.bin/depcruise");
    const args = ["--bun", program, "src", "--config", ".dependency-cruiser.cjs", "--output-type", "json"];
    const result = spawnSync("bun", args, { cwd: copy, encoding: "utf8", maxBuffer: 256 << 20 });
    if (!result.stdout.startsWith("{")) return `${result.stdout}${result.stderr}`;
    return verdict(JSON.parse(result.stdout) as CruiseResult, sources.length);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function verdict({ summary }: CruiseResult, sources: number): string | undefined {
  if (summary.totalCruised < sources) return `the cruiser saw ${summary.totalCruised} modules of ${sources}`;
  if (summary.violations.length === 0) return undefined;
  return summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`).join("\n");
}

/** The cruiser walks swc's tree but does not know `using` declarations yet: in the copy that it reads they are `const`. */
function copySources(sources: readonly string[], copy: string): void {
  for (const file of [".dependency-cruiser.cjs", "tsconfig.json", "package.json"])
    copyFileSync(file, join(copy, file));
  symlinkSync(resolve("node_modules"), join(copy, "node_modules"));
  symlinkSync(resolve("upstream"), join(copy, "upstream"));
  for (const source of sources) {
    const target = join(copy, source);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, readFileSync(source, "utf8").replace(/^(\s*)(?:await )?using /gm, "$1const "));
  }
}
