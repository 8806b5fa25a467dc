// An object of the cluster as a stranger may see it. What people write into their workloads may be a secret wherever it stands:
// of that only the shape is kept.

import type { KubeObject } from "../../kube/types.ts";
import { blot } from "./blot.ts";
import { secretWords } from "./secret-names.ts";
import { commandNames, flagNames } from "./shown-arguments.ts";
import { isShownAnnotation } from "./shown-annotations.ts";

type Members = Readonly<Record<string, unknown>>;

export function shownObject(object: KubeObject): unknown {
  const { managedFields: _, ...metadata } = object.metadata as Members;
  return shown({ ...object, metadata });
}

function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shown);
  if (!isMembers(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shownMember(key, member)]));
}

/** Maps whose keys alone are shown: contents of ConfigMaps and Secrets, and what drivers of storage are told. */
const contents: ReadonlySet<string> = new Set([
  "data",
  "stringData",
  "binaryData",
  "volumeAttributes",
  "parameters",
]);
const secretName = new RegExp(`(?:${secretWords})s?$`, "i");

function shownMember(key: string, member: unknown): unknown {
  if (isMembers(member)) {
    if (key === "annotations") return shownAnnotations(member);
    if (contents.has(key)) return keysOf(member);
    // Of a flexVolume, which may be told anything.
    if ("driver" in member && "options" in member)
      return { ...(shown(member) as Members), options: blotted(member["options"]) };
    return shown(member);
  }
  // Headers of probes may authenticate them.
  if ((key === "env" || key === "httpHeaders") && Array.isArray(member)) return member.map(shownVariable);
  if (key === "command") return Array.isArray(member) ? commandNames(member) : blotted(member);
  if (key === "args") return Array.isArray(member) ? flagNames(member) : blotted(member);
  // Of a probe: what is asked for may hold a token.
  if (key === "path" && typeof member === "string") return member.replace(/\?[^]*$/, `?${blot}`);
  if (secretName.test(key) && isScalars(member)) return blotted(member);
  return shown(member);
}

function shownAnnotations(annotations: Members): Members {
  return Object.fromEntries(
    Object.entries(annotations)
      // Holds the whole object once more.
      .filter(([key]) => !key.endsWith("/last-applied-configuration"))
      .map(([key, value]) => [key, isShownAnnotation(key) ? value : blot]),
  );
}

function shownVariable(variable: unknown): unknown {
  return isMembers(variable) && "value" in variable ? { ...variable, value: blot } : variable;
}

function blotted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(blotted);
  if (isMembers(value)) return keysOf(value);
  return typeof value === "string" || typeof value === "number" ? blot : value;
}

function keysOf(members: Members): Members {
  return Object.fromEntries(Object.keys(members).map((name) => [name, blot]));
}

function isScalars(value: unknown): boolean {
  return Array.isArray(value) ? value.every((member) => !isMembers(member)) : !isMembers(value);
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
