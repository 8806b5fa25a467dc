// The objects in the text of a manifest, each with its line: several documents, Lists, what kubectl takes, too. Pure.

import type { KubeObject } from "../kube/types.ts";
import { UserError } from "../std/errors.ts";
import { parseManifestYaml } from "../std/yaml.ts";
import { isMapping } from "../std/mapping.ts";

export interface PlacedObject {
  readonly object: KubeObject;
  /** Where it begins, from 1. */
  readonly line: number;
}

/** A document that is no object, as upstream skips it. */
export interface SkippedDocument {
  readonly line: number;
  /** What it lacks: `has no kind`. */
  readonly why: string;
}

export interface ParsedManifest {
  readonly objects: readonly PlacedObject[];
  readonly skipped: readonly SkippedDocument[];
}

interface Document {
  readonly value: unknown;
  readonly line: number;
  readonly itemLines: readonly number[];
  /** What it is called in errors. */
  readonly what: "a document" | "an item of a List";
  /** What an item of a typed list is, which need not say so itself. */
  readonly item: { readonly apiVersion: string; readonly kind: string } | undefined;
}

/** Throws a UserError that names file and line. */
export function parseManifest(bytes: Uint8Array, path: string): ParsedManifest {
  const parsed = { objects: [] as PlacedObject[], skipped: [] as SkippedDocument[] };
  for (const document of parseManifestYaml(bytes, { source: path }))
    collect({ ...document, what: "a document", item: undefined }, path, parsed);
  return parsed;
}

function collect(
  document: Document,
  path: string,
  parsed: { readonly objects: PlacedObject[]; readonly skipped: SkippedDocument[] },
): void {
  const { value, line, itemLines, what, item } = document;
  const refuse = (why: string): never => {
    throw new UserError(`${path}:${line}  ${why}`, { code: "bad-manifest" });
  };
  if (value === null || value === undefined) return;
  if (typeof value !== "object" || Array.isArray(value)) return refuse(`${what} is not a mapping`);
  const object = item === undefined ? value : { ...item, ...value };
  const { apiVersion, kind, metadata, items } = object as Record<string, unknown>;
  if (!isText(apiVersion) || !isText(kind)) {
    parsed.skipped.push({ line, why: whatItLacks(apiVersion, kind) });
    return;
  }
  if (kind.endsWith("List") && (Array.isArray(items) || isEmptyList(kind, items, metadata))) {
    const one = kind === "List" ? undefined : { apiVersion, kind: kind.slice(0, -"List".length) };
    (Array.isArray(items) ? items : []).forEach((value: unknown, at) => {
      const itemLine = itemLines[at] ?? line;
      collect({ value, line: itemLine, itemLines: [], what: "an item of a List", item: one }, path, parsed);
    });
    return;
  }
  const problem = problemOf(metadata);
  if (problem !== undefined) refuse(`a ${kind} ${problem}`);
  parsed.objects.push({ object: object as KubeObject, line });
}

function whatItLacks(apiVersion: unknown, kind: unknown): string {
  const lacks = (name: string, value: unknown): string[] =>
    isText(value) ? [] : [(value ?? "") === "" ? name : `${name} that is text`];
  return `has no ${[...lacks("apiVersion", apiVersion), ...lacks("kind", kind)].join(" and no ")}`;
}

/** `kind: List` with `items:` and nothing after it. */
function isEmptyList(kind: string, items: unknown, metadata: unknown): boolean {
  return kind === "List" && (items ?? null) === null && nameIn(metadata) === undefined;
}

/** What is wrong with an object's metadata, as far as it has to be known where the object goes. */
function problemOf(metadata: unknown): string | undefined {
  const name = nameIn(metadata);
  if (name === undefined || name === "" || name === null) {
    const generated = isMapping(metadata) && isText(metadata["generateName"]);
    return generated
      ? "has metadata.generateName instead of metadata.name: what is applied again and again needs a name"
      : "has no metadata.name";
  }
  if (typeof name !== "string") return "has a metadata.name that is not text: quote it";
  return undefined;
}

function nameIn(metadata: unknown): unknown {
  return isMapping(metadata) ? metadata["name"] : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
