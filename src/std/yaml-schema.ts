// The YAML dialect of Go's Kubernetes tools (YAML 1.1 with its own numbers, no timestamps). What kubectl
// makes of each form is in yaml.test.ts.

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
import { exactNumber } from "./exact-json.ts";
import type { ExactNumber } from "./exact-json.ts";

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

/** The integer that Go reads in a plain scalar, or undefined. */
export function goInteger(source: string): bigint | undefined {
  const plain = withoutSeparators(source);
  if (decimal.test(plain)) return BigInt(plain);
  const match = prefixed.exec(plain);
  if (match === null) return undefined;
  const [, sign = "", digits = ""] = match;
  const magnitude = BigInt((/^[xXbBoO]/.test(digits) ? `0${digits}` : `0o${digits}`).toLowerCase());
  return sign === "-" ? -magnitude : magnitude;
}

/** The float that Go reads in a plain scalar, or undefined. */
export function goFloat(source: string): number | undefined {
  const named = special.get(source);
  if (named !== undefined) return named;
  const plain = withoutSeparators(source);
  const value = floating.test(plain) ? Number(plain) : Number.NaN;
  // Go reads what does not fit into a float as a string.
  return Number.isFinite(value) ? value : undefined;
}

/** A number cannot be passed on exactly; `source` is its text. */
export class InexactNumberError extends Error {
  override readonly name = "InexactNumberError";
  readonly source: string;

  constructor(source: string, why: string) {
    super(why);
    this.source = source;
  }
}

export interface GoYamlOptions {
  /**
   * What happens to numbers that JavaScript cannot hold: `exact` keeps every digit of integers, as ExactNumber, and
   * refuses infinities; `refuse` refuses integers that would lose digits, for values that this program computes with.
   */
  readonly numbers: "exact" | "refuse";
}

/** The schema for reading. Throws InexactNumberError while it is used. */
export function goYamlSchema({ numbers }: GoYamlOptions): Schema {
  const integer = (source: string): number | ExactNumber | undefined => {
    const value = goInteger(source);
    if (value === undefined || isHeld(value)) return value === undefined ? undefined : Number(value);
    if (numbers === "exact") return exactNumber(value.toString());
    throw new InexactNumberError(source, `${source} is too large for a number; if it is text, quote it`);
  };
  const float = (source: string): number | undefined => {
    const value = goFloat(source);
    if (numbers === "exact" && value !== undefined && !Number.isFinite(value))
      throw new InexactNumberError(source, `${source} is a number that JSON does not have`);
    return value;
  };
  const intTag = defineScalarTag<number | ExactNumber>("tag:yaml.org,2002:int", {
    implicit: true,
    implicitFirstChars: numberStart,
    resolve: (source) => integer(source) ?? NOT_RESOLVED,
    identify: (data: unknown) => typeof data === "number" && Number.isInteger(data) && !Object.is(data, -0),
  });
  const floatTag = defineScalarTag<number>("tag:yaml.org,2002:float", {
    implicit: true,
    implicitFirstChars: numberStart,
    resolve: (source) => float(source) ?? NOT_RESOLVED,
    identify: (data: unknown) => typeof data === "number",
    represent: (data: unknown) => representFloat(Number(data)),
  });
  return new Schema([strTag, seqTag, mapTag, mergeTag, nullYaml11Tag, boolYaml11Tag, intTag, floatTag]);
}

/** Go drops underscores anywhere in a number, but a number starts with a digit, a sign or a point. */
function withoutSeparators(source: string): string {
  return source.replaceAll("_", "");
}

/** The number is printed as the same digits again: nothing visible is lost. */
function isHeld(value: bigint): boolean {
  return String(Number(value)) === value.toString();
}

function representFloat(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (value === Number.POSITIVE_INFINITY) return ".inf";
  if (value === Number.NEGATIVE_INFINITY) return "-.inf";
  return Object.is(value, -0) ? "-0.0" : String(value);
}
