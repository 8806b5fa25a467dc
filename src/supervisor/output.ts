// The output of a component: cut into lines, its last lines kept for error reports, the serious ones logged.
// Lines longer than 16 KiB are logged in chunks with a counter. Upstream: pkg/supervisor/logwriter.go.

import { stripVTControlCharacters } from "node:util";
import type { Logger, LogLevel } from "../std/log.ts";
import { lineBudget } from "./line-budget.ts";
import type { LineBudget, LineVerdict } from "./line-budget.ts";
import { isLoggable, lineSeverity } from "./severity.ts";

const chunkBytes = 16 * 1024;

export interface OutputOptions {
  readonly log: Logger;
  /** Lines below are kept for reports but not logged. */
  readonly level: LogLevel;
  /** How many lines `lastLines` holds. */
  readonly keep?: number;
  /** Sees every line; true: it is dealt with and not logged. */
  readonly onLine?: ((line: string) => boolean) | undefined;
}

export interface ComponentOutput {
  /** Reads a stream to its end. */
  consume(stream: ReadableStream<Uint8Array>, name: "stdout" | "stderr"): Promise<void>;
  /** Whether it has been told to end: what it then complains about is expected. */
  expectEnd(expected: boolean): void;
  /** Lines from another level on are logged; undefined: as at the beginning. */
  show(level: LogLevel | undefined): void;
  /** Another process begins to print. */
  beginLife(): void;
  /** The last lines, oldest first. */
  lastLines(): readonly string[];
  /** Those of the present process alone; where they do not all fit, chatter goes first. */
  wordsOfLife(): readonly string[];
}

/** One for the whole life of a component, across restarts. */
export function componentOutput(options: OutputOptions): ComponentOutput {
  const { log, keep = 40 } = options;
  let level = options.level;
  const last: string[] = [];
  let life: Spoken[] = [];
  // A debug log gets everything. Each level has its own limit: noise must not silence errors.
  const budgets = levelBudgets();
  let ending = false;

  const write = (severity: LogLevel, { text, chunk }: Line, stream: string): void => {
    if (!isLoggable(ending ? calmer(severity) : severity, level)) return;
    const { allowed, heldBack, exhausted } =
      level === "debug" ? unlimited : budgets[severity].take(performance.now());
    if (exhausted) log.warn("The component prints too many lines at once, holding some back", { severity });
    if (heldBack > 0) log.warn("Lines were held back", { lines: heldBack, severity });
    // Asked for while k0s runs: its own level must not take it away again.
    const as = severity === "debug" && level !== options.level ? "info" : severity;
    if (allowed) log[as](text, chunk === undefined ? { stream } : { stream, chunk });
  };

  return {
    beginLife: () => {
      life = [];
    },
    show: (next) => {
      level = next ?? options.level;
    },
    lastLines: () => [...last],
    wordsOfLife: () => life.map(({ text }) => text),
    expectEnd: (expected) => {
      ending = expected;
    },
    async consume(stream, name) {
      let severity: LogLevel = "warn";
      for await (const line of splitLines(stream)) {
        // A line without a severity that is indented, or continues a long one, belongs to the one before (stack traces).
        const belongs = (line.chunk ?? 0) > 0 || /^\s/.test(line.text);
        severity = lineSeverity(line.text) ?? (belongs ? severity : "warn");
        if (line.text.trim() === "") continue;
        if (last.push(line.text) > keep) last.shift();
        life.push({ text: line.text, chatter: belongs || !isLoggable(severity, "warn") });
        if (life.length > keep) dropLeastTelling(life);
        try {
          if (options.onLine?.(line.text) !== true) write(severity, line, name);
        } catch {
          // Neither a listener nor the log may end the reading: the component would stand still at a full pipe.
        }
      }
    },
  };
}

interface Spoken {
  readonly text: string;
  /** It reports no trouble, or only continues the line before. */
  readonly chatter: boolean;
}

/** A program that ends may print a page of help or a stack trace after the one line that says why. */
function dropLeastTelling(lines: Spoken[]): void {
  const chatter = lines.findIndex((line) => line.chatter);
  lines.splice(Math.max(0, chatter), 1);
}

function levelBudgets(): Readonly<Record<LogLevel, LineBudget>> {
  return { debug: lineBudget(), info: lineBudget(), warn: lineBudget(), error: lineBudget() };
}

const unlimited: LineVerdict = { allowed: true, heldBack: 0, exhausted: false };

function calmer(severity: LogLevel): LogLevel {
  return severity === "debug" ? "debug" : "info";
}

interface Line {
  readonly text: string;
  /** Counts the parts of a line that was too long, from 0. */
  readonly chunk?: number;
}

/** Cuts bytes at newlines; whatever follows the last newline is a line too. */
export async function* splitLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let rest: Uint8Array = new Uint8Array(0);
  let chunk: number | undefined;
  for await (const bytes of stream) {
    let pending: Uint8Array = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    for (;;) {
      const newline = pending.indexOf(10);
      if (newline >= 0 && newline <= chunkBytes) {
        yield line(pending.subarray(0, newline), chunk);
        pending = pending.subarray(newline + 1);
        chunk = undefined;
        continue;
      }
      if (pending.length <= chunkBytes) break;
      const end = characterBoundary(pending, chunkBytes);
      chunk ??= 0;
      yield line(pending.subarray(0, end), chunk);
      pending = pending.subarray(end);
      chunk += 1;
    }
    rest = pending;
  }
  if (rest.length > 0) yield line(rest, chunk);
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function line(bytes: Uint8Array, chunk: number | undefined): Line {
  const text = stripVTControlCharacters(decoder.decode(bytes)).replace(/\r$/, "");
  return chunk === undefined ? { text } : { text, chunk };
}

/** The last place at or before `end` where a UTF-8 character starts. */
function characterBoundary(bytes: Uint8Array, end: number): number {
  let at = end;
  while (at > end - 4 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at -= 1;
  return at;
}
