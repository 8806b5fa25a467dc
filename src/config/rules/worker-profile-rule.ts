// Worker profiles hold what kubelet would accept, and nothing that the cluster decides.
// Upstream: pkg/apis/k0s/v1beta1/workerprofile.go.

import { didYouMean } from "../../std/did-you-mean.ts";
import { tryParseDuration } from "../../std/duration.ts";
import type { YamlPath } from "../../std/yaml-positions.ts";
import type { ClusterConfig } from "../cluster-config.ts";
import type { ConfigProblem } from "../problem.ts";
import { kubeletBounds, type KubeletFieldKind, kubeletFields } from "../schema/kubelet-fields.ts";
import { repeatedNames } from "./repeated-names.ts";
import { isMapping } from "../../std/mapping.ts";

const forbidden = ["clusterDNS", "clusterDomain", "staticPodURL"];
const typeMeta = new Map([
  ["apiVersion", "kubelet.config.k8s.io/v1beta1"],
  ["kind", "KubeletConfiguration"],
]);

export function workerProfileRule({ spec: { workerProfiles } }: ClusterConfig): ConfigProblem[] {
  const kinds = fieldKinds();
  const path = ["spec", "workerProfiles"];
  const values = workerProfiles.flatMap((profile, index) =>
    Object.entries(profile.values).flatMap(([field, value]) => {
      const message = fieldComplaint(kinds, field, value);
      const at: YamlPath = [...path, index, "values", field];
      return message === undefined ? [] : [{ path: at, message: message.text, at: message.at }];
    }),
  );
  return [...repeatedNames(path, workerProfiles), ...values];
}

interface Complaint {
  readonly at: "key" | "value";
  readonly text: string;
}

function fieldComplaint(
  kinds: ReadonlyMap<string, KubeletFieldKind>,
  field: string,
  value: unknown,
): Complaint | undefined {
  if (forbidden.some((name) => name.toLowerCase() === field.toLowerCase())) {
    return { at: "key", text: "cannot be set in a worker profile: the cluster decides it" };
  }
  const required = typeMeta.get(field);
  if (required !== undefined) {
    return value === required
      ? undefined
      : { at: "value", text: `${JSON.stringify(value)} must be ${required}` };
  }
  const kind = kinds.get(field);
  if (kind === undefined) {
    const meant = didYouMean(field, kinds.keys());
    const advice = meant === undefined ? "" : `; did you mean "${meant}"?`;
    return { at: "key", text: `unknown field of KubeletConfiguration${advice}` };
  }
  // kubelet takes null for "not set".
  if (value === null) return undefined;
  if (!checks[kind].test(value))
    return { at: "value", text: `expected ${checks[kind].name}, got ${JSON.stringify(value)}` };
  return boundsComplaint(field, value);
}

function boundsComplaint(field: string, value: unknown): Complaint | undefined {
  const bounds = kubeletBounds[field];
  if (bounds === undefined || typeof value !== "number") return undefined;
  const [low, high] = bounds;
  if (low <= value && value <= high) return undefined;
  const range = high === Number.MAX_SAFE_INTEGER ? `${low} or more` : `${low} to ${high}`;
  return { at: "value", text: `${value} is out of range: ${range}` };
}

const checks: Readonly<Record<KubeletFieldKind, { name: string; test: (value: unknown) => boolean }>> = {
  boolean: { name: "true or false", test: (value) => typeof value === "boolean" },
  integer: { name: "a whole number", test: Number.isInteger },
  number: { name: "a number", test: (value) => typeof value === "number" },
  duration: {
    name: "a duration like 1m30s",
    test: (value) => typeof value === "string" && tryParseDuration(value) !== undefined,
  },
  text: { name: "a string", test: isText },
  texts: { name: "a list of strings", test: (value) => Array.isArray(value) && value.every(isText) },
  textMap: {
    name: "a mapping of strings",
    test: (value) => isMapping(value) && Object.values(value).every(isText),
  },
  booleanMap: {
    name: "a mapping of true and false",
    test: (value) => isMapping(value) && Object.values(value).every((item) => typeof item === "boolean"),
  },
  list: { name: "a list", test: Array.isArray },
  mapping: { name: "a mapping", test: isMapping },
};

function fieldKinds(): Map<string, KubeletFieldKind> {
  const kinds = new Map<string, KubeletFieldKind>();
  for (const [kind, names] of Object.entries(kubeletFields)) {
    for (const name of names) kinds.set(name, kind as KubeletFieldKind);
  }
  return kinds;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
