// The YAML dialect of Go's Kubernetes tools (YAML 1.1 with its own numbers, no timestamps): typescript-on-bun §2.12.

import {
  boolYaml11Tag,
  defineScalarTag,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  Schema,
  seqTag,
  strTag,
} from "js-yaml";

const decimal = /^[-+]?(0|[1-9][0-9]*)$/;
const prefixed = /^([-+]?)0([xX][0-9a-fA-F]+|[bB][01]+|[oO]?[0-7]+)$/;
const floating = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const special = new Map([
  [".nan", Number.NaN],
  [".NaN", Number.NaN],
  [".NAN", Number.NaN],
  ...[".inf", ".Inf", ".INF"].flatMap((text): [string, number][] => [
    [text, Number.POSITIVE_INFINITY],
    [`+${text}`, Number.POSITIVE_INFINITY],
    [`-${text}`, Number.NEGATIVE_INFINITY],
  ]),
]);
const numberStart = "+-.0123456789".split("");

/** The integer that Go reads in a plain scalar, or undefined. Integers beyond 2^53 lose precision, as in JSON. */
export function goInteger(source: string): number | undefined {
  const plain = withoutSeparators(source);
  if (decimal.test(plain)) return withoutNegativeZero(Number(plain));
  const match = prefixed.exec(plain);
  if (match === null) return undefined;
  const [, sign = "", digits = ""] = match;
  const magnitude = Number(/^[xXbBoO]/.test(digits) ? `0${digits}` : `0o${digits}`);
  return withoutNegativeZero(sign === "-" ? -magnitude : magnitude);
}

/** The float that Go reads in a plain scalar, or undefined. */
export function goFloat(source: string): number | undefined {
  const named = special.get(source);
  if (named !== undefined) return named;
  const plain = withoutSeparators(source);
  return floating.test(plain) ? Number(plain) : undefined;
}

/** The schema for reading. */
export function goYamlSchema(): Schema {
  const intTag = defineScalarTag<number>("tag:yaml.org,2002:int", {
    implicit: true,
    implicitFirstChars: numberStart,
    resolve: (source) => goInteger(source) ?? NOT_RESOLVED,
    identify: (data: unknown) => typeof data === "number" && Number.isInteger(data) && !Object.is(data, -0),
  });
  const floatTag = defineScalarTag<number>("tag:yaml.org,2002:float", {
    implicit: true,
    implicitFirstChars: numberStart,
    resolve: (source) => goFloat(source) ?? NOT_RESOLVED,
    identify: (data: unknown) => typeof data === "number",
    represent: (data: unknown) => representFloat(Number(data)),
  });
  return new Schema([strTag, seqTag, mapTag, mergeTag, nullYaml11Tag, boolYaml11Tag, intTag, floatTag]);
}

/** Go drops underscores anywhere in a number, but a number starts with a digit, a sign or a point. */
function withoutSeparators(source: string): string {
  return source.replaceAll("_", "");
}

function withoutNegativeZero(value: number): number {
  return value === 0 ? 0 : value;
}

function representFloat(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (value === Number.POSITIVE_INFINITY) return ".inf";
  if (value === Number.NEGATIVE_INFINITY) return "-.inf";
  return Object.is(value, -0) ? "-0.0" : String(value);
}
