// What no longer works when a component does not: what it carries itself, and all that rests on it.

import type { Carried, Declaration } from "../../supervisor/declaration.ts";

export interface Reach {
  /** As they are called while they run. */
  readonly components: readonly string[];
  readonly carried: readonly Carried[];
}

/** Component, as it is called while it runs → its reach; only of those with any. */
export function reachesOf(declarations: readonly Declaration[]): ReadonlyMap<string, Reach> {
  const known = withWhatTheyRestOn(declarations);
  const names = new Set([...known].map(running));
  const reaches = [...names].map((name): [string, Reach] => {
    const resting = restingOn(name, known);
    const affected = [...known].filter((one) => running(one) === name || resting.has(running(one)));
    const carried = new Set(affected.flatMap(({ carries = [] }) => carries));
    return [name, { components: [...resting], carried: [...carried] }];
  });
  return new Map(
    reaches.filter(([, { components, carried }]) => components.length > 0 || carried.length > 0),
  );
}

/** Some are in no list of a role, because they come with another one. */
function withWhatTheyRestOn(declarations: readonly Declaration[]): ReadonlySet<Declaration> {
  const known = new Set(declarations);
  // A set that grows while it is walked is walked to its end.
  for (const { restsOn = [] } of known) for (const one of restsOn) known.add(one);
  return known;
}

function restingOn(name: string, known: ReadonlySet<Declaration>): ReadonlySet<string> {
  const resting = new Set<string>();
  const affected = new Set([name]);
  for (const below of affected)
    for (const one of known) {
      if (!(one.restsOn ?? []).some((other) => running(other) === below)) continue;
      affected.add(running(one));
      resting.add(running(one));
    }
  return resting;
}

function running({ name, runningName = name }: Declaration): string {
  return runningName;
}
