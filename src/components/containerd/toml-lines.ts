// In which line of a TOML file something stands: the parser does not tell.

/** Longer files are not gone through line by line. */
const mostLines = 2_000;

/** Where the first statement begins that cannot be parsed; undefined: everywhere it can, or the file is too long. */
export function lineOfSyntaxError(text: string): number | undefined {
  const lines = text.split("\n");
  if (lines.length > mostLines || parses(text)) return undefined;
  let good = lines.length - 1;
  while (good > 0 && !parses(lines.slice(0, good).join("\n"))) good--;
  const rest = lines.slice(good).findIndex((line) => !/^\s*(#.*)?$/.test(line));
  return good + Math.max(rest, 0) + 1;
}

function parses(text: string): boolean {
  try {
    Bun.TOML.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The first line that says most of what lies under these names: the key itself, the table that it is in, or one in it. */
export function lineOf(text: string, path: readonly string[]): number | undefined {
  let table: readonly string[] = [];
  let best: { readonly line: number; readonly length: number } | undefined;
  for (const [index, raw] of text.split("\n").entries()) {
    const header = /^\s*\[{1,2}([^\]]+)\]{1,2}/.exec(raw)?.[1];
    const key = /^\s*((?:"[^"]*"|'[^']*'|[\w-]+|\s*\.\s*)+)\s*=/.exec(raw)?.[1];
    if (header === undefined && key === undefined) continue;
    if (header !== undefined) table = namesIn(header);
    const here = header === undefined ? [...table, ...namesIn(key ?? "")] : table;
    const length = Math.min(here.length, path.length);
    if (length > (best?.length ?? 0) && here.slice(0, length).every((name, at) => name === path[at]))
      best = { line: index + 1, length };
  }
  return best?.line;
}

function namesIn(dotted: string): string[] {
  return [...dotted.matchAll(/"([^"]*)"|'([^']*)'|([\w-]+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
}
