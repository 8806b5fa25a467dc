// docs/fields.md: field of k0s.yaml → where it takes effect → test, from the schema and effects.ts.

import { clusterConfigJsonSchema } from "../../src/config/export-schema.ts";
import { type FieldEffect, fieldEffects } from "./fields/effects.ts";

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** Paths below `spec` of every field that holds a value, in the order of the schema. */
export function fieldsOfSchema(): string[] {
  const { spec } = (clusterConfigJsonSchema() as Schema).properties ?? {};
  return spec === undefined ? [] : below("", spec);
}

function below(path: string, { properties, items }: Schema): string[] {
  if (properties !== undefined)
    return Object.entries(properties).flatMap(([name, child]) =>
      below(path === "" ? name : `${path}.${name}`, child),
    );
  return items?.properties === undefined ? [path] : below(`${path}[]`, items);
}

export interface FieldRow extends FieldEffect {
  /** What effects.ts calls it: the field itself, or the section that it lies in. */
  readonly declared: string;
}

/** Its own row, or that of the nearest section above it. */
export function effectOf(field: string): FieldRow | undefined {
  for (let path = field; path !== ""; path = parentOf(path)) {
    const effect = fieldEffects[path];
    if (effect !== undefined && (path === field || effect.whole !== undefined))
      return { ...effect, declared: path };
  }
  return undefined;
}

function parentOf(path: string): string {
  return path.endsWith("[]") ? path.slice(0, -2) : path.slice(0, Math.max(0, path.lastIndexOf(".")));
}

const head = `# Where fields take effect

Every field of k0s.yaml (below \`spec\`), the file that reads it, and the test that fails when it has no effect. *Refused* are fields whose feature is not there or means nothing here: another value than the usual one is an error of \`k0s config validate\` and of a start, with the reason ([compatibility.md](compatibility.md)). Those with a *warning* are taken and have no effect, and a start and \`k0s config validate\` say what is used instead. What each field is for: [configuration.md](configuration.md).

This page is made from the schema and \`build/docs/fields/effects.ts\` (\`UPDATE_GOLDEN=1 bun test build/docs\`). A field without effect, or without a test, makes its test fail.

| field | takes effect in | test |
| --- | --- | --- |
`;

export function fieldsPage(): string {
  const shown = new Set<string>();
  const lines = fieldsOfSchema().flatMap((field) => {
    const row = effectOf(field);
    if (row === undefined) return [`| \`${field}\` | nowhere | none |`];
    if (shown.has(row.declared)) return [];
    shown.add(row.declared);
    return [line(row)];
  });
  return `${head}${lines.join("\n")}\n`;
}

function line({ declared, file, test, whole, refused, warned, accepted, open }: FieldRow): string {
  const name = whole === undefined ? code(declared) : `${code(declared)} and below: ${whole}`;
  if (accepted !== undefined) return `| ${name} | nothing, as upstream: ${accepted} | ${code(test)} |`;
  if (warned === true) return `| ${name} | no effect, with a warning of ${code(file)} | ${code(test)} |`;
  const where = open === undefined ? code(file) : `not yet (${open})`;
  return `| ${name} | ${refused === true ? `refused in ${where}` : where} | ${code(test)} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}
