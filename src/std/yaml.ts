// Reads and writes YAML as Go's Kubernetes tools do: same values from the same text, duplicate keys are errors.

import { constructFromEvents, dump, load, loadAll, parseEvents, YAMLException } from "js-yaml";
import { UserError } from "./errors.ts";
import { assertBounded } from "./yaml-aliases.ts";
import { documentPlaces } from "./yaml-documents.ts";
import { lineStarts, positionAt } from "./yaml-positions.ts";
import { goYamlSchema, InexactNumberError } from "./yaml-schema.ts";

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

export interface ManifestDocument {
  readonly value: unknown;
  /** Where it begins, from 1. */
  readonly line: number;
  /** Where the members of its `items` begin. */
  readonly itemLines: readonly number[];
}

/** Members of `<<` in one file: beyond what people write, far below what would fill the memory. */
const mostMerged = 1_000_000;

/**
 * Every document of a manifest that is not empty, as exact as kubectl sends it to the API server: integers of any size (as `JSON.rawJSON`
 * where a number cannot hold them). Throws a UserError for bytes that are not UTF-8 and for numbers that JSON does not
 * have.
 */
export function parseManifestYaml(bytes: Uint8Array, options: YamlSource = {}): ManifestDocument[] {
  const text = decodeText(bytes, options);
  return reading(text, options, () => {
    const events = parseEvents(text, {});
    const schema = goYamlSchema({ numbers: "exact" });
    const values = constructFromEvents(events, { source: text, schema, maxTotalMergeKeys: mostMerged });
    const starts = lineStarts(text);
    return documentPlaces(text, events).flatMap(({ start, items }, at) => {
      const value = values[at] ?? null;
      if (value === null) return [];
      const { line } = positionAt(starts, start);
      assertBounded(value, `${options.source ?? "YAML"}:${line}  `);
      return [{ value, line, itemLines: items.map((item) => positionAt(starts, item).line) }];
    });
  });
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
  const schema = goYamlSchema({ numbers: "refuse" });
  return reading(text, options, () => {
    // One document is the common case; load() refuses none and several.
    const documents: unknown[] =
      text.includes("---") || text.trim() === "" ? loadAll(text, { schema }) : [load(text, { schema })];
    for (const document of documents) assertBounded(document, `${options.source ?? "YAML"}: `);
    return documents;
  });
}

/** What `read` makes of the text, with its errors in the words that people see. */
function reading<T>(text: string, options: YamlSource, read: () => T[]): T[] {
  try {
    return read();
  } catch (err) {
    if (isEmptyInput(err)) return [];
    if (err instanceof InexactNumberError) throw numberError(err, text, options);
    throw err instanceof YAMLException ? syntaxError(err, text, options) : err;
  }
}

/** Byte order marks tell the encoding, as for Go's reader. */
function decodeText(bytes: Uint8Array, options: YamlSource): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (err) {
    const line = lineOfBadByte(bytes);
    throw new UserError(`${options.source ?? "YAML"}:${line}  is not UTF-8 text`, {
      code: "invalid-yaml",
      cause: err,
    });
  }
}

/** UTF-8 has no line feed within a character, so each line can be looked at by itself. */
function lineOfBadByte(bytes: Uint8Array): number {
  const replaced = new TextDecoder().decode(bytes).split("\n");
  return replaced.findIndex((line) => line.includes("\uFFFD")) + 1;
}

/** The schema does not know its position: the first place with this text is taken. */
function numberError(err: InexactNumberError, text: string, options: YamlSource): UserError {
  const line = text.slice(0, Math.max(0, text.indexOf(err.source))).split("\n").length;
  return new UserError(`${options.source ?? "YAML"}:${line}  ${err.message}`, {
    code: "invalid-yaml",
    cause: err,
  });
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
