// JSON Patch, RFC 6902: operations in order, all of them or none.

import { operationsComplaint } from "../../config/patch-operations.ts";
import { UserError } from "../../std/errors.ts";
import { type Mapping, isMapping } from "../../std/mapping.ts";

/** The patched copy. Throws a UserError that names the operation that cannot be done. */
export function jsonPatch(document: unknown, operations: unknown): unknown {
  const complaint = operationsComplaint(operations);
  if (complaint !== undefined) throw new UserError(complaint);
  let patched: unknown = structuredClone(document);
  for (const [index, operation] of (operations as readonly Mapping[]).entries()) {
    try {
      patched = applyOperation(patched, operation);
    } catch (err) {
      if (!(err instanceof UserError)) throw err;
      throw new UserError(`operation ${index}: ${err.message}`, { cause: err });
    }
  }
  return patched;
}

function applyOperation(document: unknown, operation: Mapping): unknown {
  const path = pointer(operation["path"]);
  const value = structuredClone(operation["value"]);
  switch (operation["op"]) {
    case "add":
      return add(document, path, value);
    case "remove":
      return remove(document, path);
    case "replace":
      get(document, path);
      return path.length === 0 ? value : add(remove(document, path), path, value);
    case "test":
      if (!Bun.deepEquals(get(document, path), value))
        throw new UserError(`test of ${text(path)}: there is ${JSON.stringify(get(document, path))}`);
      return document;
    default:
      return moveOrCopy(document, operation, path);
  }
}

function moveOrCopy(document: unknown, operation: Mapping, path: readonly string[]): unknown {
  const from = pointer(operation["from"]);
  const value = structuredClone(get(document, from));
  if (operation["op"] === "copy") return add(document, path, value);
  if (path.length > from.length && from.every((part, index) => part === path[index]))
    throw new UserError(`${text(from)} cannot be moved into itself`);
  return add(remove(document, from), path, value);
}

function pointer(value: unknown): string[] {
  const [, ...parts] = String(value).split("/");
  return parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function text(path: readonly string[]): string {
  return path.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function get(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const [depth, part] of path.entries()) {
    const here = path.slice(0, depth + 1);
    if (Array.isArray(value)) value = value[index(value, part, value.length - 1, here)];
    else if (isMapping(value) && Object.hasOwn(value, part)) value = value[part];
    else throw new UserError(`there is no ${text(here)}`);
  }
  return value;
}

function add(document: unknown, path: readonly string[], value: unknown): unknown {
  const last = path.at(-1);
  if (last === undefined) return value;
  const parent = get(document, path.slice(0, -1));
  if (Array.isArray(parent))
    parent.splice(last === "-" ? parent.length : index(parent, last, parent.length, path), 0, value);
  else if (isMapping(parent)) parent[last] = value;
  else throw new UserError(`${text(path.slice(0, -1))} is neither a mapping nor a list`);
  return document;
}

function remove(document: unknown, path: readonly string[]): unknown {
  const last = path.at(-1);
  if (last === undefined) return null;
  get(document, path);
  const parent = get(document, path.slice(0, -1));
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete (parent as Mapping)[last];
  return document;
}

function index(list: readonly unknown[], part: string, highest: number, path: readonly string[]): number {
  if (!/^(?:0|[1-9]\d*)$/.test(part)) throw new UserError(`${text(path)}: "${part}" is not an index`);
  if (Number(part) > highest)
    throw new UserError(`there is no ${text(path)}: the list has ${list.length} entries`);
  return Number(part);
}
