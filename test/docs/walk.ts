// A page that shows a change step by step, as steps that a test can take. Each stands in a fenced block: below a path in bold
// letters a whole file, or as `diff` what changes in one; a `diff` that begins with `+++ b/` is what is there by then without
// having been written; a line of a `console` with a prompt is a command.

export type Step =
  | { readonly kind: "file"; readonly path: string; readonly text: string }
  | { readonly kind: "edit" | "seen"; readonly path: string; readonly hunks: readonly Hunk[] }
  | { readonly kind: "command"; readonly line: string };

/** Lines that follow each other, before and after. */
interface Hunk {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export function walkSteps(page: string): readonly Step[] {
  const blocks = page.matchAll(/(?:^\*\*(\S+)\*\*\n\n)?^```(\w+)\n([\s\S]*?)^```$/gm);
  return [...blocks].flatMap(([, path, language = "", text = ""]) => stepsOf(path, language, text));
}

function stepsOf(path: string | undefined, language: string, text: string): readonly Step[] {
  if (language === "console") return commandsOf(text).map((line) => ({ kind: "command", line }));
  if (path !== undefined)
    return [
      language === "diff" ? { kind: "edit", path, hunks: hunksOf(text) } : { kind: "file", path, text },
    ];
  const [, shown, rest] = /^\+\+\+ b\/(\S+)\n([\s\S]*)$/.exec(text) ?? [];
  if (shown === undefined || rest === undefined) throw new Error(`a block without a path:\n${text}`);
  return [{ kind: "seen", path: shown, hunks: hunksOf(rest) }];
}

/** Without their comments, which stand behind a gap. */
function commandsOf(text: string): readonly string[] {
  const lines = text.split("\n").filter((line) => line.startsWith("$ "));
  return lines.map((line) => line.slice(2).replace(/\s{3,}#.*$/, ""));
}

function hunksOf(text: string): readonly Hunk[] {
  return text
    .trimEnd()
    .split("\n@@\n")
    .map((hunk) => hunk.split("\n"))
    .map((lines) => ({ before: side(lines, "-"), after: side(lines, "+") }));
}

function side(lines: readonly string[], sign: "-" | "+"): readonly string[] {
  return lines.filter((line) => line.startsWith(" ") || line.startsWith(sign)).map((line) => line.slice(1));
}

/** Throws where the file is not as the page has it. */
export function withHunks(text: string, hunks: readonly Hunk[], path: string): string {
  return hunks.reduce((now, { before, after }) => {
    const parts = `\n${now}`.split(block(before));
    if (parts.length !== 2)
      throw new Error(`${repair(path)}; there ${parts.length - 1} times, not once:${block(before)}`);
    return parts.join(block(after)).slice(1);
  }, text);
}

/** Throws where the file does not have what the page shows. */
export function expectHunks(text: string, hunks: readonly Hunk[], path: string): void {
  for (const { after } of hunks)
    if (!`\n${text}`.includes(block(after))) throw new Error(`${repair(path)}; not there:${block(after)}`);
}

/** Read by somebody who has changed the file and does not know the page. */
function repair(path: string): string {
  return `docs/contributing/first-change.md shows ${path} as it was: put its diff right`;
}

function block(lines: readonly string[]): string {
  return `\n${lines.join("\n")}\n`;
}
