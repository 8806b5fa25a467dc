// A command-line flag as a value: name, type, default, parser. Types, defaults and error texts are those of Go's pflag,
// which upstream's scripts and documents rely on.

import { type ExtraArgs, readExtraArgs, type FlagMap } from "../../std/flags.ts";

export interface Flag<T> {
  readonly name: string;
  /** Further spellings that help does not show. */
  readonly aliases?: readonly string[];
  readonly short?: string;
  /** The word for the value in help, e.g. `string`; empty for booleans, which need no value. */
  readonly type: string;
  readonly description: string;
  readonly defaultValue: T;
  /** The default as help prints it; empty: not printed. */
  readonly defaultText: string;
  readonly hidden: boolean;
  /** What to say when somebody still uses it. */
  readonly deprecated?: string;
  /** Values for completion. */
  readonly choices?: readonly string[];
  /** Every occurrence adds to it; of others the last one counts. */
  readonly repeatable: boolean;
  /** All texts given, in order; throws an Error that says what is wrong with the last one. */
  parse(texts: readonly string[]): T;
  /** One text with the meaning of all that were given, as `--name=text` of another command line. */
  format(texts: readonly string[]): string;
  /** What to say about texts that can be parsed, where a part of them does not count. */
  remarks?(texts: readonly string[]): readonly string[];
}

/** Flags of a command by the key its handler reads them with. */
export type FlagSet = Readonly<Record<string, Flag<unknown>>>;
export type FlagValues<F extends FlagSet> = {
  readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never;
};

export interface FlagOptions<T> {
  short?: string;
  default?: T;
  hidden?: boolean;
  deprecated?: string;
  choices?: readonly string[];
  /** Overrides the word for the value in help. */
  type?: string;
  /** Every occurrence adds to it. */
  repeatable?: boolean;
}

const noEffect = "it has no effect and will be removed in a future release";

function last(texts: readonly string[]): string {
  return texts[texts.length - 1] ?? "";
}

function flag<T>(
  name: string,
  type: string,
  description: string,
  defaults: { value: T; text: string },
  options: Omit<FlagOptions<never>, "default">,
  parse: (texts: readonly string[]) => T,
): Flag<T> {
  const repeatable = options.repeatable ?? false;
  return {
    name,
    type: options.type ?? type,
    description,
    defaultValue: defaults.value,
    defaultText: defaults.text,
    hidden: options.hidden ?? false,
    repeatable,
    parse,
    format: (texts) => (repeatable ? texts.filter((text) => text !== "").join(",") : last(texts)),
    ...(options.short === undefined ? {} : { short: options.short }),
    ...(options.deprecated === undefined ? {} : { deprecated: options.deprecated }),
    ...(options.choices === undefined ? {} : { choices: options.choices }),
  };
}

/** Go's strconv.ParseBool. */
export function parseBool(text: string): boolean {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  throw new Error("must be true or false");
}

export function boolFlag(
  name: string,
  description: string,
  options: FlagOptions<boolean> = {},
): Flag<boolean> {
  const value = options.default ?? false;
  const parse = (texts: readonly string[]): boolean => parseBool(last(texts));
  return {
    ...flag(name, "", description, { value, text: value ? "true" : "" }, options, parse),
    format: (texts) => String(parse(texts)),
  };
}

export function stringFlag(
  name: string,
  description: string,
  options: FlagOptions<string> = {},
): Flag<string> {
  const value = options.default ?? "";
  return flag(
    name,
    "string",
    description,
    { value, text: value === "" ? "" : JSON.stringify(value) },
    options,
    (texts) => {
      const text = last(texts);
      if (options.choices !== undefined && !options.choices.includes(text)) {
        throw new Error(`must be one of ${options.choices.join(", ")}`);
      }
      return text;
    },
  );
}

export function intFlag(name: string, description: string, options: FlagOptions<number> = {}): Flag<number> {
  const value = options.default ?? 0;
  return flag(
    name,
    "int",
    description,
    { value, text: value === 0 ? "" : String(value) },
    options,
    (texts) => {
      const text = last(texts);
      const number = Number(text);
      if (!/^[+-]?\d+$/.test(text)) throw new Error("must be a whole number");
      if (!Number.isSafeInteger(number)) throw new Error("is out of range");
      return number;
    },
  );
}

/** Comma-separated and repeatable. */
export function listFlag(
  name: string,
  description: string,
  options: FlagOptions<readonly string[]> = {},
): Flag<readonly string[]> {
  const value = options.default ?? [];
  const text = value.length === 0 ? "" : `[${value.join(",")}]`;
  return flag(name, "strings", description, { value, text }, { ...options, repeatable: true }, (texts) =>
    texts.flatMap(splitList),
  );
}

/** Any value that is written as one string; the caller gives the parser and how the default reads. */
export function parsedFlag<T>(
  name: string,
  description: string,
  defaults: { value: T; text: string },
  parse: (texts: readonly string[]) => T,
  options: Omit<FlagOptions<never>, "default"> = {},
): Flag<T> {
  return flag(name, "string", description, defaults, options, parse);
}

/** `k=v,k2=v2`, repeatable; later keys win. */
export function mapFlag(
  name: string,
  description: string,
  options: FlagOptions<Readonly<Record<string, string>>> = {},
): Flag<Readonly<Record<string, string>>> {
  const value = options.default ?? {};
  const pairs = Object.entries(value).map(([key, item]) => `${key}=${item}`);
  const text = pairs.length === 0 ? "" : `[${pairs.join(",")}]`;
  return flag(
    name,
    "stringToString",
    description,
    { value, text },
    { ...options, repeatable: true },
    (texts) => Object.fromEntries(texts.flatMap(splitList).map(splitPair)),
  );
}

/**
 * Extra flags for a component, as strings of words. Upstream takes the last string alone; here all of them add up. One
 * flag with two values does not stop a start: a unit that upstream started would not any more after an upgrade.
 */
export function extraArgsFlag(name: string, description: string): Flag<FlagMap> {
  const options = { repeatable: true };
  const read = (texts: readonly string[]): ExtraArgs => readExtraArgs(texts.join(" "));
  return {
    ...flag(name, "string", description, { value: {}, text: "" }, options, (texts) => read(texts).flags),
    format: (texts) => texts.join(" "),
    remarks: (texts) => read(texts).overridden,
  };
}

/** A flag that upstream once had: accepted, hidden, without effect. */
export function obsoleteFlag(name: string, options: { short?: string } = {}): Flag<string> {
  return stringFlag(name, "", { ...options, hidden: true, deprecated: noEffect });
}

/**
 * A flag of upstream whose feature is not there yet: asking for it is an error, never silently ignored
 * (docs/adr/0013-unsupported-is-an-error.md). Its default may be given, since that is what happens.
 */
export function notYetFlag<T>(of: Flag<T>, instead: string): Flag<T> {
  return {
    ...of,
    hidden: true,
    parse: (texts) => {
      const value = of.parse(texts);
      if (value !== of.defaultValue) throw new Error(`this is not available yet; ${instead}`);
      return value;
    },
  };
}

export function splitList(text: string): string[] {
  return text === "" ? [] : text.split(",");
}

export function splitPair(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 0) throw new Error(`${text} must be formatted as key=value`);
  return [text.slice(0, at), text.slice(at + 1)];
}
