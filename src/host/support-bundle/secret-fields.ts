// Values of fields, flags, variables and headers that are named like a secret. A value goes on to the end of its line or of the
// quotes that it stands in: none of the characters that often end one is unknown in passwords.

import { blot } from "./blot.ts";
import { closingAt, openQuotes, type Quote, quoteAt } from "./quoting.ts";
import { secretWords } from "./secret-names.ts";

const name = `(?<header>authorization|cookies?)|(?:${secretWords})s?(?:[_-]?\\d+)?`;
/** `password: `, `"token":`, `X_PASS=`, `psk => `; a flag, whose value is the next word or the next string. */
const field = String.raw`(?:${name})(?:\\*["'])?[ \t]*(?<mark>[:=]+>?|%3d)[ \t]*`;
const flag = String.raw`(?<flag>(?<![\w-])--?[\w.-]{0,64}?(?:${secretWords})s?)(?:\\*["'])?(?:[ \t]*,[ \t]*|[ \t]+|,?[ \t]*$)`;
const keys = new RegExp(`${flag}|${field}`, "gi");
/** So that most lines are passed by. */
const anyWord = new RegExp(`authorization|cookie|${secretWords}`, "i");

/** What the lines that follow one are. */
type Following =
  | { readonly kind: "deeper"; readonly indent: number; readonly items: boolean }
  | { readonly kind: "array" }
  | { readonly kind: "next" };

/** To be given a text line by line: what a value has on further lines is known by what was before. */
export function secretFields(): (line: string) => string {
  let following: Following | undefined;
  return (line) => {
    if (following !== undefined) {
      const shown = followed(line, following);
      if (following.kind === "next" || shown === undefined) following = undefined;
      if (shown !== undefined) return shown;
    }
    if (!anyWord.test(line)) return line;
    const result = shownLine(line);
    following = result.following;
    return result.shown;
  };
}

/** Undefined if the line is not part of the value any more. */
function followed(line: string, following: Following): string | undefined {
  const [, space = "", rest = ""] = /^(\s*)(.*)$/s.exec(line) ?? [];
  if (following.kind === "deeper") {
    if (rest === "") return line;
    const isPart =
      space.length > following.indent ||
      (following.items && space.length === following.indent && rest.startsWith("-"));
    return isPart ? `${space}${blot}` : undefined;
  }
  // Objects are looked at for themselves.
  if (/^[\]{}[]/.test(rest) || rest.startsWith("-") || rest === "") return undefined;
  const [, quote = "", end = ""] = /^(\\*["']?).*?(,?)$/s.exec(rest) ?? [];
  return `${space}${quote}${blot}${quote}${end}`;
}

function shownLine(line: string): { readonly shown: string; readonly following?: Following | undefined } {
  let shown = "";
  let done = 0;
  let scanned = 0;
  let open: readonly Quote[] = [];
  let following: Following | undefined;
  for (const match of line.matchAll(keys)) {
    // A word inside of what was a value.
    if (match.index < done) continue;
    const start = match.index + match[0].length;
    open = openQuotes(line, scanned, start, open);
    scanned = start;
    const value = valueAt(line, start, open, match);
    following = value.following === undefined ? undefined : followingOf(value.following, line, match);
    if (value.end === undefined) continue;
    shown += line.slice(done, start) + value.shown;
    done = value.end;
    scanned = done;
  }
  return { shown: shown + line.slice(done), following };
}

interface Value {
  /** Undefined: it stays. */
  readonly end?: number;
  readonly shown?: string;
  readonly following?: Following["kind"];
}

function valueAt(line: string, start: number, open: readonly Quote[], match: RegExpExecArray): Value {
  const { header, flag: isFlag, mark } = match.groups ?? {};
  const rest = line.slice(start, start + 64);
  if (rest === "") return { following: isFlag !== undefined ? "next" : "deeper" };
  if (isFlag !== undefined && rest.startsWith("-")) return {};
  const quote = quoteAt(line, start);
  if (quote !== undefined && !open.some(({ mark: m, level }) => m === quote.mark && level === quote.level))
    return quoted(line, start, quote);
  if (/^(?:true|false|null|nil|none)?(?:[\s,;}\])"'\\]|$)/i.test(rest)) return {};
  if (!rest.startsWith(blot) && /^[[{]/.test(rest)) return bracketed(line, start, rest, open);
  if (/^[|>][+\-\d]*\s*(?:#.*)?$/.test(rest)) return { following: "deeper" };
  const scheme = header === undefined ? "" : (/^(?:Bearer|Basic)\s+/i.exec(rest)?.[0] ?? "");
  return {
    ...plain(
      line,
      start,
      open,
      isFlag !== undefined ||
        (mark === "=" && match[0].endsWith("=") && header === undefined && !/\s/.test(match[0])),
    ),
    shown: `${scheme}${blot}`,
    ...(open.length === 0 ? { following: "deeper" } : {}),
  };
}

/** A word, if nothing tells that there may be more; otherwise to the end of the quotes around it, or of the line. */
function plain(
  line: string,
  start: number,
  open: readonly Quote[],
  isWord: boolean,
): { readonly end: number } {
  if (open.length > 0) return { end: closingAt(line, start, open) };
  if (!isWord) return { end: line.length };
  word.lastIndex = start;
  return { end: start + (word.exec(line)?.[0].length ?? 0) };
}

const word = /(?:\\.|\S)+/y;
/** What a shell takes for part of the same word. */
const rest = /[^\s,;:}\])"'\\]*/y;

function quoted(line: string, start: number, quote: Quote & { readonly length: number }): Value {
  const from = start + quote.length;
  const close = closingAt(line, from, [quote]);
  const inside = line.slice(from, close);
  if (inside === "" || inside === blot || /^(?:true|false|null)$/.test(inside)) return {};
  const marks = line.slice(start, from);
  if (close >= line.length) return { end: line.length, shown: `${marks}${blot}`, following: "deeper" };
  rest.lastIndex = close + (quoteAt(line, close)?.length ?? 1);
  const end = rest.lastIndex + (rest.exec(line)?.[0].length ?? 0);
  return { end, shown: `${marks}${blot}${marks}` };
}

/** Of a list all that is directly in it. What has fields of its own is looked at field by field. */
function bracketed(line: string, start: number, text: string, open: readonly Quote[]): Value {
  if (/^\[\s*$/.test(text)) return { following: "array" };
  if (/^(?:\{|\[\s*[{\]])/.test(text)) return {};
  const limit = closingAt(line, start, open);
  let inside: readonly Quote[] = [];
  let checked = start;
  for (let at = line.indexOf("]", start); at >= 0 && at < limit; at = line.indexOf("]", at + 1)) {
    inside = openQuotes(line, checked, at, inside);
    checked = at;
    if (inside.length > 0) continue;
    const marks = /^\[\s*(\\*["'])/.exec(text)?.[1] ?? "";
    return { end: at + 1, shown: `[${marks}${blot}${marks}]` };
  }
  return { end: limit, shown: `[${blot}`, following: "array" };
}

/** Only a key that begins its line has a value on further lines; a header has none there that is its own. */
function followingOf(kind: Following["kind"], line: string, match: RegExpExecArray): Following | undefined {
  if (kind !== "deeper") return { kind };
  const before = /^(\s*(?:- +)*)["']?[\w.-]*$/.exec(line.slice(0, match.index))?.[1];
  const isField = match.groups?.["header"] === undefined && match.groups?.["mark"]?.startsWith(":");
  if (before === undefined || isField !== true) return undefined;
  return { kind, indent: before.length, items: /:\s*$/.test(line) };
}
