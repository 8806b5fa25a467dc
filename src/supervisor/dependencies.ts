// Checks the dependency graph of a group once, so that its start can neither hang nor wait for an unknown component.

import type { Component, Dependency } from "./component.ts";

/** The names of components. */
export function namesOf(dependencies: readonly Dependency[] = []): readonly string[] {
  return dependencies.map(({ name, runningName = name }) => runningName);
}

/** Throws on a duplicate name, a dependency that is not in the group, or a cycle: all of them bugs in k0s. */
export function assertStartable(components: readonly Component[]): void {
  const byName = new Map(components.map((component) => [component.name, component]));
  if (byName.size !== components.length) throw new Error("two components of the group have the same name");
  for (const { name, dependsOn } of components) {
    const unknown = namesOf(dependsOn).find((dependency) => !byName.has(dependency));
    if (unknown !== undefined) throw new Error(`${name} depends on ${unknown}, which is not in the group`);
  }
  const done = new Set<string>();
  for (const name of byName.keys()) visit(name, [], byName, done);
}

function visit(
  name: string,
  path: readonly string[],
  components: ReadonlyMap<string, Component>,
  done: Set<string>,
): void {
  if (done.has(name)) return;
  if (path.includes(name)) throw new Error(`components wait for each other: ${[...path, name].join(" → ")}`);
  for (const dependency of namesOf(components.get(name)?.dependsOn))
    visit(dependency, [...path, name], components, done);
  done.add(name);
}
