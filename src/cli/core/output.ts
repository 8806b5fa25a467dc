// Data as text: JSON with upstream's indent, YAML, tables.

import type { CliIo } from "./io.ts";
import { dumpYaml } from "../../std/yaml.ts";

/** Go's json.MarshalIndent with `indent` blanks; upstream uses three almost everywhere. */
export function printJson(io: Pick<CliIo, "out">, value: unknown, indent = 3): void {
  io.out(`${JSON.stringify(value, null, indent)}\n`);
}

export function printYaml(io: Pick<CliIo, "out">, value: unknown): void {
  io.out(dumpYaml(value));
}

/** `45 s`, `2 min`, `3 h`, `12 d`: the largest unit only. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** `3.8 s`, `12 s`. */
export function formatSeconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

/** Colours, on terminals only. */
export function painter(
  terminal: boolean,
): (style: "red" | "green" | "yellow" | "bold" | "dim", text: string) => string {
  const codes = { red: 31, green: 32, yellow: 33, bold: 1, dim: 2 } as const;
  return (style, text) => (terminal ? `\u001b[${codes[style]}m${text}\u001b[0m` : text);
}
