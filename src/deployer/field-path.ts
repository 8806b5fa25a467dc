// Paths of fields as the API server writes them in conflicts, e.g. `.spec.containers[name="web"].image`. Names are not
// escaped there (`.metadata.annotations.example.com/x`), so a path is read along the object that it belongs to.

import { isExactNumber } from "../std/exact-json.ts";

/** The value at `path`, or undefined when the object has no such field. */
export function fieldAt(object: unknown, path: string): unknown {
  let found: unknown;
  visit(object, path, (parent, key) => {
    found = Array.isArray(parent) ? parent[Number(key)] : parent[key];
  });
  return found;
}

/** A copy without the fields at `paths`; those that the object does not have are passed over. */
export function withoutFields<T>(object: T, paths: readonly string[]): T {
  if (paths.length === 0) return object;
  const copy = structuredCopy(object);
  for (const path of paths) {
    visit(copy, path, (parent, key) => {
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete parent[key];
    });
  }
  return copy;
}

type Container = Record<string, unknown> | unknown[];

/** Calls `act` with what holds the field, unless there is none. */
function visit(
  value: unknown,
  path: string,
  act: (parent: Record<string, unknown> | unknown[], key: string) => void,
): boolean {
  if (!isContainer(value)) return false;
  for (const [key, rest] of stepsInto(value, path)) {
    if (rest === "") {
      act(value, key);
      return true;
    }
    const inner = Array.isArray(value) ? value[Number(key)] : value[key];
    if (visit(inner, rest, act)) return true;
  }
  return false;
}

/** The members that `path` may begin with, longest name first, and what is left of the path. */
function stepsInto(value: Container, path: string): [key: string, rest: string][] {
  if (Array.isArray(value)) {
    const end = path.startsWith("[") ? closingBracket(path) : -1;
    if (end === -1) return [];
    const index = value.findIndex((item, at) => isItem(item, at, path.slice(1, end)));
    return index === -1 ? [] : [[String(index), path.slice(end + 1)]];
  }
  if (!path.startsWith(".")) return [];
  return Object.keys(value)
    .filter((key) => path.startsWith(key, 1) && /^($|[.[])/.test(path.slice(key.length + 1)))
    .sort((a, b) => b.length - a.length)
    .map((key) => [key, path.slice(key.length + 1)]);
}

/** Strings within the brackets are quoted as in JSON. */
function closingBracket(path: string): number {
  let quoted = false;
  for (let at = 0; at < path.length; at++) {
    if (path[at] === "\\" && quoted) at += 1;
    else if (path[at] === '"') quoted = !quoted;
    else if (path[at] === "]" && !quoted) return at;
  }
  return -1;
}

/** `3`, `="value"` or `key="value",other=1`. */
function isItem(item: unknown, at: number, selector: string): boolean {
  if (/^\d+$/.test(selector)) return at === Number(selector);
  if (selector.startsWith("=")) return JSON.stringify(item) === selector.slice(1);
  const wanted = [...selector.matchAll(/([^=,]+)=("(?:[^"\\]|\\.)*"|[^,]*)/g)];
  if (wanted.length === 0 || !isContainer(item) || Array.isArray(item)) return false;
  return wanted.every(([, key = "", value]) => JSON.stringify(item[key]) === value);
}

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null && !isExactNumber(value);
}

/** Raw numbers cannot be cloned, and need not be: nobody changes them. */
function structuredCopy<T>(value: T): T {
  if (!isContainer(value)) return value;
  if (Array.isArray(value)) return value.map((item) => structuredCopy<unknown>(item)) as T;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, structuredCopy(inner)])) as T;
}
