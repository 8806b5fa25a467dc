// One thing that is wrong with a configuration, and the error that lists all of them.

import { UserError } from "../std/errors.ts";
import type { YamlPath, YamlPosition } from "../std/yaml-positions.ts";

export interface ConfigProblem {
  readonly path: YamlPath;
  /** What is wrong and what to write instead, beginning with the value in quotes where there is one. */
  readonly message: string;
  /** Whether the key or the value is to be pointed at; default: the value. */
  readonly at?: "key" | "value";
  /** Other fields that the problem depends on; if one of them is wrong by itself, this one is not reported. */
  readonly involves?: readonly YamlPath[];
  /** Right, but this release cannot do it. */
  readonly notYet?: boolean;
}

/** Whether one of the others is the same field, or lies above or below it. */
export function touchesAny(path: YamlPath, others: readonly YamlPath[]): boolean {
  return others.some((other) => {
    const length = Math.min(path.length, other.length);
    return path.slice(0, length).every((part, index) => part === other[index]);
  });
}

/** `spec.network.podCIDR`, `spec.workerProfiles[0].name`, `spec.api.extraArgs["a.b"]`. */
export function pathText(path: YamlPath): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(part)) text += `[${JSON.stringify(part)}]`;
    else text += text === "" ? part : `.${part}`;
  }
  return text;
}

export interface ProblemSource {
  readonly source: string;
  readonly locate: (problem: ConfigProblem) => YamlPosition | undefined;
}

const start: YamlPosition = { line: 1, column: 1 };

/** `k0s.yaml:14:17` */
export function placeOf(problem: ConfigProblem, { source, locate }: ProblemSource): string {
  const { line, column } = locate(problem) ?? start;
  return `${source}:${line}:${column}`;
}

/** One line a problem, below each other in the order of the file: `k0s.yaml:14:17  spec.network.podCIDR: …`. */
export function problemLines(problems: readonly ConfigProblem[], from: ProblemSource): readonly string[] {
  const located = problems.map((problem) => ({ problem, position: from.locate(problem) ?? start }));
  located.sort((a, b) => a.position.line - b.position.line || a.position.column - b.position.column);
  const places = located.map(({ problem }) => placeOf(problem, from));
  const width = Math.max(...places.map((place) => place.length));
  return located.map(({ problem }, index) => {
    const where = problem.path.length === 0 ? "" : `${pathText(problem.path)}: `;
    return `${(places[index] ?? "").padEnd(width)}  ${where}${problem.message}`;
  });
}

/** All of them in one error. */
export function configError(problems: readonly ConfigProblem[], from: ProblemSource): UserError {
  const lines = problemLines(problems, from);
  const notYet = problems.filter((problem) => problem.notYet === true).length;
  const kind = notYet === 0 ? "mistakes" : "problems";
  const summary = lines.length === 1 ? "" : `the configuration has ${lines.length} ${kind}:\n`;
  return new UserError(`${summary}${lines.join("\n")}`, {
    code: notYet === problems.length ? "unsupported-feature" : "invalid-config",
  });
}
