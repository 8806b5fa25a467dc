// The names of components that flags know.

import type { Declaration } from "../../supervisor/declaration.ts";

/** What `--disable-components` takes, in order. */
export function disableableNames(declarations: readonly Declaration[]): readonly string[] {
  return declarations
    .filter(({ disableable }) => disableable === true)
    .map(({ name }) => name)
    .toSorted();
}

/** What `--logging` takes, in order, with the level that each has by itself. */
export function defaultLogLevelsOf(declarations: readonly Declaration[]): Readonly<Record<string, string>> {
  const levels = declarations.flatMap(({ name, logLevel }): [string, string][] =>
    logLevel === undefined ? [] : [[name, logLevel]],
  );
  return Object.fromEntries(levels.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** What can be asked for by name: both names of a component that has two, in order. */
export function componentNamesOf(declarations: readonly Declaration[]): readonly string[] {
  const names = declarations.flatMap(({ name, runningName }) => [
    name,
    ...(runningName === undefined ? [] : [runningName]),
  ]);
  return [...new Set(names)].toSorted();
}

/** What a declared component is called in the log, where that is another name. */
export function runningNameOf(declarations: readonly Declaration[], component: string): string | undefined {
  return declarations.find(({ name }) => name === component)?.runningName;
}
