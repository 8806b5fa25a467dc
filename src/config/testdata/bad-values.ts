// Values that a field of the schema must refuse, made from the schema: of another type, out of range, of no choice.

import { clusterConfigJsonSchema } from "../export-schema.ts";
import { pathText } from "../problem.ts";

interface Schema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
}

type Path = readonly (string | number)[];

export interface BadValue {
  readonly path: Path;
  /** What is written at the path. */
  readonly value: unknown;
  /** Where the mistake is: the path, or below it. */
  readonly wrong: string;
  /** Words that say what the value is; a list or a mapping may hold secrets and is not shown. */
  readonly shows: string;
  /** Words of what is allowed. */
  readonly allows: readonly string[];
}

export interface Leaf {
  readonly path: Path;
  readonly schema: Schema;
}

/** Every field below `spec` that holds a value. */
export function leaves(): Leaf[] {
  const { spec } = (clusterConfigJsonSchema() as Schema).properties ?? {};
  return spec === undefined ? [] : below(["spec"], spec);
}

function below(path: Path, schema: Schema): Leaf[] {
  if (schema.properties !== undefined)
    return Object.entries(schema.properties).flatMap(([name, child]) => below([...path, name], child));
  if (schema.items?.properties !== undefined) return below([...path, 0], schema.items);
  return [{ path, schema }];
}

/** Sections and lists of sections, which are wrong as well where a value stands. */
export function sections(): Path[] {
  const all = leaves().flatMap(({ path }) => path.map((_part, index) => path.slice(0, index)));
  const unique = new Map(all.filter((path) => path.length > 0).map((path) => [pathText(path), path]));
  return [...unique.values()];
}

const samples = {
  string: "some text",
  integer: 7,
  fraction: 1.5,
  boolean: true,
  list: ["some"],
  mapping: { some: "text" },
} as const;
type Kind = keyof typeof samples;

const fits: Readonly<Record<string, readonly Kind[]>> = {
  string: ["string"],
  integer: ["integer"],
  boolean: ["boolean"],
  array: ["list"],
  object: ["mapping"],
};

const words: Readonly<Record<string, string>> = {
  string: "expected a string",
  integer: "number",
  boolean: "expected true or false",
  array: "expected a list",
  object: "expected a mapping",
};

export function badValues({ path, schema }: Leaf): BadValue[] {
  return [...wrongTypes(path, path, schema, (value) => value), ...outOfRange(path, schema)];
}

/** `wrap` puts a value into the list or mapping whose member is wrong. */
function wrongTypes(path: Path, wrong: Path, schema: Schema, wrap: (value: unknown) => unknown): BadValue[] {
  const types = schema.anyOf?.map(({ type = "" }) => type) ?? [schema.type ?? ""];
  const right = types.flatMap((type) => fits[type] ?? []);
  const kinds = (Object.keys(samples) as Kind[]).filter((kind) => !right.includes(kind));
  const allows = schema.enum ?? (types.length > 1 ? ["a string or a number"] : [words[types[0] ?? ""] ?? ""]);
  const here = kinds.map((kind) => ({
    path,
    value: wrap(samples[kind]),
    wrong: pathText(wrong),
    shows: shown(kind),
    allows,
  }));
  const { items, additionalProperties: members } = schema;
  const ofItems = items === undefined ? [] : wrongTypes(path, [...wrong, 0], items, (value) => [value]);
  const ofMembers =
    typeof members === "object" && members.type !== undefined
      ? wrongTypes(path, [...wrong, "some"], members, (value) => ({ some: value }))
      : [];
  return [...here, ...ofItems, ...ofMembers];
}

function shown(kind: Kind): string {
  if (kind === "list" || kind === "mapping") return `a ${kind}`;
  return JSON.stringify(samples[kind]);
}

function outOfRange(path: Path, { enum: choices, minimum, maximum }: Schema): BadValue[] {
  const wrong = pathText(path);
  const bad = (value: unknown, allows: readonly string[]): BadValue => ({
    path,
    value,
    wrong,
    shows: JSON.stringify(value),
    allows,
  });
  const near = (bound: number | undefined): bound is number => bound !== undefined && Math.abs(bound) < 2 ** 40;
  return [
    ...(choices === undefined ? [] : [bad("nonsense", choices)]),
    ...(near(minimum) ? [bad(minimum - 1, [`at least ${minimum}`])] : []),
    ...(near(maximum) ? [bad(maximum + 1, [`at most ${maximum}`])] : []),
  ];
}

export interface Placed {
  readonly path: Path;
  readonly value: unknown;
}

interface Tree {
  readonly members: Map<string | number, Tree>;
  value?: unknown;
}

export interface BadDocument {
  readonly text: string;
  /** Of the key of each path, as `pathText` writes it. */
  readonly lines: ReadonlyMap<string, number>;
}

/** A document with all of the values, a line for each key. */
export function documentOf(values: readonly Placed[]): BadDocument {
  const root: Tree = { members: new Map() };
  for (const { path, value } of values) {
    let tree = root;
    for (const part of path) {
      const next: Tree = tree.members.get(part) ?? { members: new Map() };
      tree.members.set(part, next);
      tree = next;
    }
    tree.value = value;
  }
  const lines = new Map<string, number>();
  const text: string[] = [];
  write(root, [], "", { lines, text });
  return { text: `${text.join("\n")}\n`, lines };
}

/** Members of a list begin with a dash in their first line. */
function write(
  { members }: Tree,
  path: Path,
  first: string,
  out: { readonly lines: Map<string, number>; readonly text: string[] },
): void {
  const indent = first.replace("- ", "  ");
  let lead = first;
  for (const [part, tree] of members) {
    const here = [...path, part];
    if (typeof part === "number") {
      write(tree, here, `${indent}- `, out);
      continue;
    }
    const isLeaf = tree.members.size === 0;
    out.text.push(`${lead}${part}:${isLeaf ? ` ${JSON.stringify(tree.value)}` : ""}`);
    out.lines.set(pathText(here), out.text.length);
    lead = indent;
    if (!isLeaf) write(tree, here, `${indent}  `, out);
  }
}
