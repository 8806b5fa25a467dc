// Tables of a Markdown page, as far as tests compare them with the code.

/** Rows of the first table below a heading of any level, without its head. Throws when there is none. */
export function tableBelow(page: string, heading: string): readonly (readonly string[])[] {
  const lines = page.split("\n");
  const at = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, "") === heading);
  if (at < 0) throw new Error(`there is no heading "${heading}"`);
  const rest = lines.slice(at + 1);
  const next = rest.findIndex((line) => line.startsWith("#"));
  const section = next < 0 ? rest : rest.slice(0, next);
  const first = section.findIndex((line) => line.startsWith("|"));
  if (first < 0) throw new Error(`there is no table below "${heading}"`);
  const length = section.slice(first).findIndex((line) => !line.startsWith("|"));
  const table = section.slice(first, length < 0 ? undefined : first + length);
  return table.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

/** What stands between backticks, in order. */
export function codeSpans(text = ""): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span);
}
