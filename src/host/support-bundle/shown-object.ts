// An object of the cluster as a stranger may see it. What people write into their workloads may be a secret wherever it stands:
// of that only the shape is kept.

import type { KubeObject } from "../../kube/types.ts";
import { blot } from "./redact.ts";

/** Kinds whose content is not needed, or is a secret by its purpose: of them metadata alone are kept. */
const contentFields: ReadonlySet<string> = new Set(["data", "stringData", "binaryData", "token"]);

/** Annotations of these domains are written by programs; of others the values go. */
const annotationsOfPrograms = /(^|\.)(kubernetes\.io|k8s\.io|k0sproject\.io|projectcalico\.org)\//;
/** Holds the whole object once more. */
const copies: ReadonlySet<string> = new Set(["kubectl.kubernetes.io/last-applied-configuration"]);

export function shownObject(object: KubeObject): unknown {
  const { managedFields: _, annotations, ...metadata } = object.metadata as Record<string, unknown>;
  return {
    ...(shown(object) as Record<string, unknown>),
    metadata: {
      ...metadata,
      ...(annotations === undefined
        ? {}
        : { annotations: shownAnnotations(annotations as Record<string, unknown>) }),
    },
  };
}

function shownAnnotations(annotations: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(annotations)
      .filter(([key]) => !copies.has(key))
      .map(([key, value]) => [key, annotationsOfPrograms.test(key) ? value : blot]),
  );
}

function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shownMember(key, member)]));
}

function shownMember(key: string, member: unknown): unknown {
  if (contentFields.has(key) && typeof member === "object" && member !== null)
    return Object.fromEntries(Object.keys(member).map((name) => [name, blot]));
  if (key === "env" && Array.isArray(member)) return member.map(shownVariable);
  // Headers of probes may authenticate them.
  if (key === "httpHeaders" && Array.isArray(member)) return member.map(shownVariable);
  return shown(member);
}

function shownVariable(variable: unknown): unknown {
  if (typeof variable !== "object" || variable === null || !("value" in variable)) return variable;
  return { ...variable, value: blot };
}
