// Which quotes are open at a place of a line, and where a value ends in them. JSON inside of JSON is told by its backslashes.

export interface Quote {
  readonly mark: string;
  /** Backslashes before it; of an even number the last one is not its own. */
  readonly level: number;
}

/** The quote at a place, if there is one: backslashes and then a mark. */
export function quoteAt(line: string, place: number): (Quote & { readonly length: number }) | undefined {
  let at = place;
  while (line[at] === "\\") at += 1;
  const mark = line[at];
  if (mark !== '"' && mark !== "'") return undefined;
  return { mark, level: levelOf(at - place), length: at - place + 1 };
}

const levelOf = (backslashes: number): number => (backslashes % 2 === 0 ? 0 : backslashes);

/** Those that are open at the end of this part of the line, beyond those that were at its beginning. */
export function openQuotes(
  line: string,
  from: number,
  to: number,
  before: readonly Quote[],
): readonly Quote[] {
  const open = [...before];
  for (let at = from; at < to; at += 1) {
    const quote = quoteAt(line, at);
    if (quote === undefined) {
      // Backslashes before anything else are passed by together with it.
      if (line[at] === "\\") while (at + 1 < to && line[at + 1] === "\\") at += 1;
      continue;
    }
    const start = at;
    at += quote.length - 1;
    const same = open.findLastIndex(({ mark, level }) => mark === quote.mark && level === quote.level);
    if (quote.mark === "'" && isApostrophe(line, start, at)) continue;
    if (same >= 0) open.length = same;
    else open.push({ mark: quote.mark, level: quote.level });
  }
  return open;
}

/** Between two letters. */
function isApostrophe(line: string, from: number, at: number): boolean {
  return /\w/.test(line[from - 1] ?? "") && /\w/.test(line[at + 1] ?? "");
}

/** Where the first quote stands that closes one of these; the end of the line if none does. */
export function closingAt(line: string, from: number, open: readonly Quote[]): number {
  if (open.length === 0) return line.length;
  for (let at = from; at < line.length; at += 1) {
    const quote = quoteAt(line, at);
    if (quote === undefined) {
      while (line[at] === "\\" && line[at + 1] === "\\") at += 1;
      continue;
    }
    const end = at + quote.length;
    const closes = open.some(({ mark, level }) => mark === quote.mark && quote.level <= level);
    if (closes && quote.mark === '"') return quote.level === 0 ? end - 1 : at;
    if (closes) {
      // Within single quotes YAML doubles one, and a shell leaves them for it.
      const escape = /^(?:'|\\''|"'"')/.exec(line.slice(end, end + 4));
      if (escape === null && !isApostrophe(line, at, end - 1)) return at;
      at = end - 1 + (escape?.[0].length ?? 0);
      continue;
    }
    at = end - 1;
  }
  return line.length;
}
