// Reads and writes YAML as Go's Kubernetes tools do: same values from the same text, duplicate keys are errors.

import { dump, load, loadAll, YAMLException } from "js-yaml";
import { UserError } from "./errors.ts";
import { goYamlSchema } from "./yaml-schema.ts";

export interface YamlSource {
  /** The name that errors show, usually the file's path as the user gave it. */
  readonly source?: string;
}

/** The one document in `text`; null if it is empty. Throws a UserError that names line and column. */
export function parseYaml(text: string, options: YamlSource = {}): unknown {
  const [first, ...rest] = loadDocuments(text, options);
  if (rest.some((document) => document !== null)) {
    throw new UserError(`${options.source ?? "YAML"}: holds ${rest.length + 1} documents, expected one`, {
      code: "invalid-yaml",
    });
  }
  return first ?? null;
}

/** Every document in `text` that is not empty. */
export function parseYamlDocuments(text: string, options: YamlSource = {}): unknown[] {
  return loadDocuments(text, options).filter((document) => document !== null);
}

export interface DumpYamlOptions {
  /** Orders the keys of every mapping, as Go's marshaller does. */
  readonly sortKeys?: boolean;
}

/** Block-style YAML that YAML 1.1 and 1.2 readers understand alike; undefined members are left out. */
export function dumpYaml(value: unknown, options: DumpYamlOptions = {}): string {
  return dump(value, {
    noRefs: true,
    lineWidth: -1,
    seqNoIndent: true,
    skipInvalid: true,
    sortKeys: options.sortKeys ?? false,
  });
}

/** Several documents, separated by `---`. */
export function dumpYamlDocuments(values: readonly unknown[], options: DumpYamlOptions = {}): string {
  return values.map((value) => dumpYaml(value, options)).join("---\n");
}

function loadDocuments(text: string, options: YamlSource): unknown[] {
  const schema = goYamlSchema();
  try {
    // One document is the common case; load() refuses none and several.
    return text.includes("---") || text.trim() === "" ? loadAll(text, { schema }) : [load(text, { schema })];
  } catch (err) {
    if (isEmptyInput(err)) return [];
    throw err instanceof YAMLException ? syntaxError(err, text, options) : err;
  }
}

/** A text of comments alone is an empty document. */
function isEmptyInput(err: unknown): boolean {
  return err instanceof YAMLException && err.reason.includes("empty");
}

function syntaxError(err: YAMLException, text: string, options: YamlSource): UserError {
  const source = options.source ?? "YAML";
  const at = err.mark === undefined ? "" : `:${err.mark.line + 1}:${err.mark.column + 1}`;
  return new UserError(`${source}${at}  ${sentence(err, text)}`, { code: "invalid-yaml", cause: err });
}

function sentence({ reason, mark }: YAMLException, text: string): string {
  if (reason !== "duplicated mapping key") return reason;
  const rest = mark === undefined ? "" : (text.split("\n")[mark.line] ?? "").slice(mark.column);
  const key = /^["']?([^"':]+)/.exec(rest)?.[1];
  const named = key === undefined ? "duplicate key" : `duplicate key "${key.trim()}"`;
  return `${named}: this mapping already has it; remove one of the two`;
}
