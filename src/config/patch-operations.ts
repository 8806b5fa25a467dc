// What a list of JSON Patch operations (RFC 6902) must look like, whatever it is applied to.

import { isMapping } from "../std/mapping.ts";

const names = ["add", "remove", "replace", "move", "copy", "test"] as const;

/** What is wrong with it; undefined for a list that can be tried. */
export function operationsComplaint(operations: unknown): string | undefined {
  if (!Array.isArray(operations)) return "must hold a list of JSON Patch operations";
  for (const [index, operation] of operations.entries()) {
    const complaint = operationComplaint(operation);
    if (complaint !== undefined) return `operation ${index}: ${complaint}`;
  }
  return undefined;
}

function operationComplaint(operation: unknown): string | undefined {
  if (!isMapping(operation)) return "expected a mapping with op and path";
  const { op } = operation;
  if (!names.some((name) => name === op)) return `op ${JSON.stringify(op)} is none of ${names.join(", ")}`;
  const pointers = op === "move" || op === "copy" ? ["path", "from"] : ["path"];
  for (const name of pointers) {
    if (!isPointer(operation[name]))
      return `${name} ${JSON.stringify(operation[name])} is not a JSON pointer, like /metadata/labels/a~1b`;
  }
  const needsValue = op === "add" || op === "replace" || op === "test";
  return needsValue && !Object.hasOwn(operation, "value") ? `op ${op} needs a value` : undefined;
}

function isPointer(value: unknown): boolean {
  return typeof value === "string" && (value === "" || value.startsWith("/")) && !/~(?![01])/.test(value);
}
