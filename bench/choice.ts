// Which rows the words of the command line choose. Pure.

import type { Row, Scenario } from "./row.ts";

type Named = Pick<Scenario, "name" | "rows" | "onDemand">;

/** By itself, its group, its scenario, or `scenario/group`. No words: what a whole run has. */
export function isChosen(words: readonly string[], { name, onDemand }: Named, { id, group }: Row): boolean {
  if (words.length === 0) return onDemand !== true;
  return namesOf(name, id, group).some((word) => words.includes(word));
}

/** The scenarios that have rows which are chosen, with these. */
export function chosenOf<One extends Named>(
  words: readonly string[],
  scenarios: readonly One[],
): readonly { readonly scenario: One; readonly rows: readonly Row[] }[] {
  return scenarios
    .map((scenario) => ({ scenario, rows: scenario.rows.filter((row) => isChosen(words, scenario, row)) }))
    .filter(({ rows }) => rows.length > 0);
}

/** Those that choose nothing. */
export function unknownWords(words: readonly string[], scenarios: readonly Named[]): readonly string[] {
  const known = new Set(
    scenarios.flatMap(({ name, rows }) => rows.flatMap(({ id, group }) => namesOf(name, id, group))),
  );
  return words.filter((word) => !known.has(word));
}

function namesOf(scenario: string, id: string, group: string | undefined): readonly string[] {
  return [id, scenario, ...(group === undefined ? [] : [group, `${scenario}/${group}`])];
}
