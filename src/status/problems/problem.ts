// One thing that is wrong with a node, as its status says it.

export interface Problem {
  /** What is wrong, as a sentence without a full stop. */
  readonly text: string;
  /** What to do about it: the rest of the sentence, or sentences of its own. */
  readonly remedy?: string;
  /** The component or workload that it is about, where it is about one. */
  readonly about?: string;
  /** Processes of this node end because of it, so that it is told before them. */
  readonly endsProcesses?: true;
}

export function problemText({ text, remedy }: Problem): string {
  if (remedy === undefined) return text;
  return /^\p{Lu}/u.test(remedy) ? `${text}. ${remedy}` : `${text}; ${remedy}`;
}

/** The first line of a text, cut where it would fill a screen. */
export function oneLine(text: string, longest = 200): string {
  const line = text.trim().split("\n", 1)[0] ?? "";
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`;
}
