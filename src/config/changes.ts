// What differs between two configurations, field by field.

import { isDeepStrictEqual } from "node:util";
import type { YamlPath } from "../std/yaml-positions.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import { withoutSecrets } from "./without-secrets.ts";
import { isMapping } from "../std/mapping.ts";

export interface FieldChange {
  readonly path: YamlPath;
  /** Undefined where it was absent. */
  readonly before: unknown;
  readonly after: unknown;
}

/** Of spec, in the order of the first one; lists whose items have names are compared by these. */
export function fieldChanges(before: ClusterConfig, after: ClusterConfig): readonly FieldChange[] {
  return differences(["spec"], before.spec, after.spec);
}

/** As others may see it: passwords are blanked out, also where one is all that differs. */
export function shownChange({ path, before, after }: FieldChange): FieldChange {
  const shown = (value: unknown): unknown =>
    path.reduceRight<unknown>((member, part) => ({ [String(part)]: member }), value);
  const at = (value: unknown): unknown =>
    path.reduce<unknown>((of, part) => Object(of)[String(part)], withoutSecrets(shown(value)));
  return { path, before: at(before), after: at(after) };
}

function differences(path: YamlPath, before: unknown, after: unknown): FieldChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isMapping(before) && isMapping(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => differences([...path, key], before[key], after[key]));
  }
  const [one, other] = [namedItems(before), namedItems(after)];
  if (one === undefined || other === undefined || !sameOrder(one, other)) return [{ path, before, after }];
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].flatMap((name) => {
    const [was, is] = [one.get(name), other.get(name)];
    const at = [...path, (is ?? was)?.index ?? 0];
    return was === undefined || is === undefined
      ? [{ path: at, before: was?.value, after: is?.value }]
      : differences(at, was.value, is.value);
  });
}

interface NamedItem {
  readonly index: number;
  readonly value: unknown;
}

/** Undefined if it is not a list of items with names of their own. */
function namedItems(value: unknown): ReadonlyMap<string, NamedItem> | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const items = new Map<string, NamedItem>();
  for (const [index, item] of value.entries()) {
    const name: unknown = isMapping(item) ? item["name"] : undefined;
    if (typeof name === "string") items.set(name, { index, value: item });
  }
  return items.size === value.length ? items : undefined;
}

/** Where the same items stand in another order, the order is what differs. */
function sameOrder(one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): boolean {
  const shared = (of: ReadonlyMap<string, unknown>, also: ReadonlyMap<string, unknown>): string[] =>
    [...of.keys()].filter((name) => also.has(name));
  return isDeepStrictEqual(shared(one, other), shared(other, one));
}
