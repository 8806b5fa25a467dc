// A thing that is wrong with a host, in words: for the person at the terminal, the log of a start, and docs/preflight.md.

import type { Outcome } from "./probe.ts";

/** `{name}` in its texts stands for what the host has. */
export interface Finding {
  /** A warning never stops a start, a rejection does. */
  readonly category: "warning" | "rejected";
  /** What is wrong, after the property that was found. */
  readonly message: string;
  /** What comes of it. */
  readonly why: string;
  /** What to do, commands in backquotes. */
  readonly remedy: string;
}

export type Values = Readonly<Record<string, string>>;

/** The outcome of a probe that found it. */
export function found(finding: Finding, prop: string, values: Values = {}): Outcome {
  const fill = (text: string): string => filled(text, values);
  return {
    category: finding.category,
    prop,
    message: fill(finding.message),
    why: fill(finding.why),
    remedy: fill(finding.remedy),
  };
}

function filled(text: string, values: Values): string {
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`nobody says what {${name}} is in: ${text}`);
    return value;
  });
}
