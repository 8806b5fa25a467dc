// The commands that the user's pages show: those of fenced blocks, which a reader copies, and those inside of sentences.

export interface DocumentedCommand {
  readonly file: string;
  readonly line: number;
  /** Without prompt, sudo, comment and redirection; words in one form: `k0s token create --role worker`. */
  readonly words: readonly string[];
  /** `block`: complete, to be copied; `inline`: perhaps only the part that the sentence is about. */
  readonly kind: "block" | "inline";
}

const programs = ["k0s", "kubectl", "make", "bun", ".ci/run"] as const;
/** Languages of blocks in which every line is for a shell. */
const shells = ["sh", "bash", "shell"];

/** Commands of a Markdown page, in their order. */
export function documentedCommands(file: string, text: string): readonly DocumentedCommand[] {
  const found: DocumentedCommand[] = [];
  let block: string | undefined;
  for (const [at, line] of text.split("\n").entries()) {
    const fence = /^\s*```(\w*)/.exec(line);
    if (fence !== null) {
      block = block === undefined ? (fence[1] ?? "") : undefined;
      continue;
    }
    const here = { file, line: at + 1 };
    if (block === undefined) {
      for (const [, span = ""] of line.matchAll(/`([^`]+)`/g)) {
        const words = wordsOf(span);
        if (isKnown(words) && words.length > 1) found.push({ ...here, words, kind: "inline" });
      }
      continue;
    }
    const command = blockCommand(line, block);
    if (command !== undefined) found.push({ ...here, words: wordsOf(command), kind: "block" });
  }
  return found;
}

/** What a line of a block runs; undefined for output, comments, data. */
function blockCommand(line: string, language: string): string | undefined {
  // Root's prompt looks like a comment, so only a console has it.
  const prompt = (language === "console" ? /^\s*[\w-]*[$#] / : /^\s*[\w-]*\$ /).exec(line);
  const command = withoutComment(line.slice(prompt?.[0].length ?? 0));
  if (command === "" || (prompt === null && line.trimStart().startsWith("#"))) return undefined;
  if (shells.includes(language)) return command;
  if (language === "console") return prompt === null ? undefined : command;
  // Without a language: commands beside output, or only one of both.
  return language === "" && isKnown(wordsOf(command)) ? command : undefined;
}

/** A comment begins with ` #`, or is what stands behind a gap. */
function withoutComment(line: string): string {
  return line
    .replace(/\s#.*$/, "")
    .replace(/(\S)\s{3,}[^>|].*$/, "$1")
    .trim();
}

function wordsOf(command: string): readonly string[] {
  const words = [...command.replace(/\s+>.*$/, "").matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replaceAll(/["']/g, (quote, offset: number) =>
      word.includes("{") && offset > 0 && offset < word.length - 1 ? quote : "",
    ),
  );
  // Before the program: settings of its environment, and sudo.
  while (words[0] === "sudo" || /^[A-Z_]+=/.test(words[0] ?? "")) words.shift();
  const [first = "", ...rest] = words;
  return [first.replace(/^(?:\.|dist)\/(?=k0s$)/, ""), ...rest];
}

function isKnown([first = ""]: readonly string[]): boolean {
  return programs.some((program) => program === first);
}
