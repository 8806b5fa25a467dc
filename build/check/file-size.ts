// The house rule on size: no source file over 400 lines, median at most 100. Data and generated code do not count.

import { readFileSync } from "node:fs";
import { Glob } from "bun";

const limit = 400;
const medianLimit = 100;
const isSource = (path: string): boolean => !/(^src\/proto\/|\/testdata\/|\.data\.ts$)/.test(path);

/** The files that are too long, or undefined. */
export function oversizedFiles(): string | undefined {
  const paths = [...new Glob("{src,build,test,bench,images}/**/*.ts").scanSync()].filter(isSource);
  const sizes = paths.map((path) => ({ path, lines: readFileSync(path, "utf8").split("\n").length - 1 }));
  const production = sizes.filter(({ path }) => path.startsWith("src/") && !path.endsWith(".test.ts"));
  const sorted = production.map(({ lines }) => lines).toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const problems = sizes
    .filter(({ lines }) => lines > limit)
    .map(({ path, lines }) => `${path}: ${lines} lines, limit ${limit}`);
  if (median > medianLimit)
    problems.push(`the median file of src/ has ${median} lines, limit ${medianLimit}`);
  return problems.length === 0 ? undefined : problems.join("\n");
}
