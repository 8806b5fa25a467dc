// Brings a document into the schema's spelling: names match whatever their case, null and (where a field may be absent)
// "" mean absent, as with Go's decoder. Unknown fields are reported with what was probably meant.
// Upstream: pkg/apis/k0s/v1beta1/clusterconfig_types.go.

import * as z from "zod";
import { didYouMean } from "../std/did-you-mean.ts";
import type { YamlPath } from "../std/yaml-positions.ts";
import type { ConfigProblem } from "./problem.ts";
import { isMapping } from "../std/mapping.ts";

type Schema = z.core.$ZodType;

export interface FoldedDocument {
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
}

/** Names of earlier releases that are taken and dropped, by the section that had them. */
const forgiven = new Set(["spec.podSecurityPolicy", "spec.telemetry.interval"]);

interface Folding {
  readonly problems: ConfigProblem[];
  readonly exactNames: boolean;
}

/** `exactNames`: a name in another case is unknown, as it is to Kubernetes' strict decoders. */
export function foldDocument(
  schema: Schema,
  document: unknown,
  { exactNames = false }: { readonly exactNames?: boolean } = {},
): FoldedDocument {
  const problems: ConfigProblem[] = [];
  const value = fold(schema, document, [], { problems, exactNames });
  return { value, problems };
}

function fold(schema: Schema, value: unknown, path: YamlPath, folding: Folding): unknown {
  const { inner } = unwrap(schema);
  if (inner instanceof z.ZodObject && isMapping(value)) return foldMapping(inner.shape, value, path, folding);
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((item, index) => fold(inner.element, item, [...path, index], folding));
  }
  if (inner instanceof z.ZodRecord && inner.valueType instanceof z.ZodString && isMapping(value)) {
    // A flag without a value: `v:`.
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, item ?? ""]));
  }
  return value;
}

function foldMapping(
  shape: Readonly<Record<string, Schema>>,
  mapping: Readonly<Record<string, unknown>>,
  path: YamlPath,
  folding: Folding,
): Record<string, unknown> {
  const { problems, exactNames } = folding;
  const names = Object.keys(shape);
  const folded: Record<string, unknown> = {};
  const seen = new Map<string, string>();
  for (const [key, value] of Object.entries(mapping)) {
    const isMeant = (known: string): boolean => !exactNames && known.toLowerCase() === key.toLowerCase();
    const name = Object.hasOwn(shape, key) ? key : names.find(isMeant);
    const field = name === undefined ? undefined : shape[name];
    if (name === undefined || field === undefined) {
      if (!forgiven.has([...path, key].join("."))) problems.push(unknownField(path, key, names));
      continue;
    }
    const earlier = seen.get(name);
    if (earlier !== undefined) {
      problems.push({
        path: [...path, key],
        at: "key",
        message: `is the same field as ${JSON.stringify(earlier)}; keep one`,
      });
      continue;
    }
    seen.set(name, key);
    if (value === null || (value === "" && isOptionalText(field))) continue;
    folded[name] = fold(field, value, [...path, name], folding);
  }
  return folded;
}

function unknownField(path: YamlPath, key: string, names: readonly string[]): ConfigProblem {
  const meant = didYouMean(key, names);
  const advice =
    meant === undefined ? `; known here: ${names.toSorted().join(", ")}` : `; did you mean "${meant}"?`;
  return { path: [...path, key], at: "key", message: `unknown field${advice}` };
}

function isOptionalText(schema: Schema): boolean {
  const { inner, optional } = unwrap(schema);
  return optional && (inner instanceof z.ZodString || inner instanceof z.ZodEnum);
}

/** The schema inside of defaults and optionals. */
function unwrap(schema: Schema): { inner: Schema; optional: boolean } {
  let inner = schema;
  let optional = false;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) {
    optional ||= inner instanceof z.ZodOptional;
    inner = inner.unwrap();
  }
  return { inner, optional };
}
