// No step of build, main job, tests or bench throws away what a program complains about: a crash that nobody sees looks
// like a program that is slow.

import { readFileSync } from "node:fs";
import { Glob } from "bun";

const patterns: readonly RegExp[] = [
  // Of a shell: `2>/dev/null`, `&>/dev/null`, `>/dev/null 2>&1`, `2>&-`.
  /(2|&)>+\s*(\/dev\/null|&-)/,
  />\s*\/dev\/null\s+2>&1/,
  // Of Bun and Node: standard error is the third stream.
  /stderr:\s*"ignore"/,
  /stdio:\s*"ignore"/,
  /stdio:\s*\[[^\],]*,[^\],]*,\s*"ignore"/,
  // Programs that can be told to say nothing of their failure.
  /\bcurl\b(?!.*(--show-error|\s"?-\w*S)).*(--silent|\s"?-\w*s\w*["\s])/,
  /\bnpm\b.*--silent/,
  // A failure of whatever kind taken for "is not there". An abort that ends a pause is none.
  /^(?!.*\bsleep\().*\.catch\(\(\) => (undefined|""|false|null)\)/,
];

/** Whether a line breaks the rule; `// words:` and a reason on the line before allow it. */
export function throwsWordsAway(line: string, before = ""): boolean {
  return !/^\s*\/\/ words: /.test(before) && patterns.some((pattern) => pattern.test(line));
}

/** Where output of programs is thrown away, or undefined. */
export function thrownAwayWords(): string | undefined {
  const paths = [...new Glob("{build,test,bench,images}/**/*.ts").scanSync(), "Makefile", ".ci/run"];
  const found = paths.filter((path) => !path.startsWith("build/check/")).flatMap(linesOf);
  return found.length === 0 ? undefined : found.join("\n");
}

function linesOf(path: string): readonly string[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.flatMap((line, at) =>
    throwsWordsAway(line, lines[at - 1]) ? [`${path}:${at + 1}: ${line.trim()}`] : [],
  );
}
