// Strategic merge patch: a merge patch that knows by which field entries of a list are told apart, with its directives
// `$patch`, `$retainKeys`, `$deleteFromPrimitiveList/…` and `$setElementOrder/…`. Upstream: k8s.io/apimachinery,
// pkg/util/strategicpatch.

import { UserError } from "../../std/errors.ts";
import { isMapping, type Mapping } from "../../std/mapping.ts";
import type { Field, Fields } from "./merge-keys.ts";

const deletion = "$deleteFromPrimitiveList/";
const order = "$setElementOrder/";

/** The patched copy of a mapping whose lists merge as `fields` says. */
export function strategicMerge(target: Mapping, patch: Mapping, fields: Fields): Mapping {
  const directive = patch["$patch"];
  if (directive === "replace") return plain(patch);
  if (directive === "delete") return {};
  checkDirective(directive);
  const merged: Mapping = structuredClone(target);
  retainKeys(merged, patch);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(deletion)) dropPlain(merged, key.slice(deletion.length), value);
    if (key.startsWith("$")) continue;
    if (value === null) delete merged[key];
    else merged[key] = mergedValue(merged[key], value, fields[key] ?? {}, key);
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith(order)) putInOrder(merged, key.slice(order.length), value, fields);
  }
  return merged;
}

function mergedValue(target: unknown, patch: unknown, field: Field, name: string): unknown {
  if (isMapping(patch)) return strategicMerge(isMapping(target) ? target : {}, patch, field.fields ?? {});
  if (!Array.isArray(patch) || field.key === undefined) return structuredClone(patch);
  const present: readonly unknown[] = Array.isArray(target) ? target : [];
  return field.key === ""
    ? [...new Set([...present, ...patch])]
    : mergedEntries(present, patch, { key: field.key, fields: field.fields ?? {} }, name);
}

function mergedEntries(
  present: readonly unknown[],
  patch: readonly unknown[],
  { key, fields }: Required<Field>,
  name: string,
): unknown[] {
  const replaces = patch.some((entry) => isMapping(entry) && entry["$patch"] === "replace");
  let entries = replaces ? [] : structuredClone([...present]);
  for (const entry of patch) {
    if (!isMapping(entry)) throw new UserError(`entries of ${name} are mappings with a ${key}`);
    if (entry["$patch"] === "replace" && entry[key] === undefined) continue;
    const id = entry[key];
    if (id === undefined)
      throw new UserError(`an entry of ${name} has no ${key}, by which it would be found`);
    const isSame = (other: unknown): boolean => isMapping(other) && other[key] === id;
    if (entry["$patch"] === "delete") {
      entries = entries.filter((other) => !isSame(other));
      continue;
    }
    const at = entries.findIndex(isSame);
    const found = entries[at];
    const merged = strategicMerge(isMapping(found) ? found : {}, entry, fields);
    if (at === -1) entries.push(merged);
    else entries[at] = merged;
  }
  return entries;
}

function retainKeys(merged: Mapping, patch: Mapping): void {
  const kept = patch["$retainKeys"];
  if (kept === undefined) return;
  if (!Array.isArray(kept)) throw new UserError("$retainKeys is a list of names");
  for (const key of Object.keys(merged)) if (!kept.includes(key)) delete merged[key];
}

function dropPlain(merged: Mapping, name: string, values: unknown): void {
  if (!Array.isArray(values)) throw new UserError(`${deletion}${name} is a list of values`);
  const present = merged[name];
  if (Array.isArray(present)) merged[name] = present.filter((value) => !values.includes(value));
}

/** Those that are named, in this order; the others keep their places behind what they follow. */
function putInOrder(merged: Mapping, name: string, wanted: unknown, fields: Fields): void {
  const key = fields[name]?.key;
  const present = merged[name];
  if (!Array.isArray(present) || !Array.isArray(wanted) || key === undefined) return;
  const idOf = (entry: unknown): unknown => (key !== "" && isMapping(entry) ? entry[key] : entry);
  const ids = wanted.map(idOf);
  const ordered = present
    .filter((entry) => ids.includes(idOf(entry)))
    .toSorted((a, b) => ids.indexOf(idOf(a)) - ids.indexOf(idOf(b)));
  merged[name] = present.map((entry) => (ids.includes(idOf(entry)) ? ordered.shift() : entry));
}

function checkDirective(directive: unknown): void {
  if (directive !== undefined && directive !== "merge")
    throw new UserError(`$patch ${JSON.stringify(directive)} is none of merge, replace, delete`);
}

/** Without directives. */
function plain(patch: Mapping): Mapping {
  const entries = Object.entries(patch).filter(([key]) => !key.startsWith("$"));
  return structuredClone(Object.fromEntries(entries));
}
