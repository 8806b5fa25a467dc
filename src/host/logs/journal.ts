// The log that systemd's journal keeps of k0s, read through journalctl. journalctl(1), systemd.journal-fields(7).

import { dirname } from "node:path";
import { cleanEnvironment } from "../../os/exec.ts";
import { findExecutable } from "../../os/find-executable.ts";
import { UserError } from "../../std/errors.ts";
import { formatLogLine, withTime } from "../../std/logfmt.ts";
import type { LogLevel } from "../../std/log.ts";
import { type LogLine, readLogLine } from "./line.ts";
import type { LogSource } from "./source.ts";

/** Undefined on a host without journalctl. `units`: services that run k0s, or did. */
export function journal(units: readonly string[]): LogSource | undefined {
  const program = findExecutable("journalctl");
  if (program === undefined) return undefined;
  const read = (args: readonly string[], signal: AbortSignal): AsyncGenerator<JournalLine> =>
    entries(
      program,
      ["--output=json", "--no-pager", "--quiet", ...units.map((u) => `--unit=${u}`), ...args],
      signal,
    );
  let cursor: string | undefined;
  const lines = async function* (from: AsyncIterable<JournalLine>): AsyncGenerator<LogLine> {
    for await (const entry of from) {
      ({ cursor } = entry);
      yield entry.line;
    }
  };
  return {
    name: `journal of ${units.join(" and ")}`,
    lastWritten: async (signal) => {
      for await (const { line } of read(["--lines=1"], signal)) return line.time;
      return undefined;
    },
    past: ({ since, signal }) => lines(read(sinceArguments(since), signal)),
    latest: async function* ({ since, signal }) {
      for await (const { line } of read(["--reverse", ...sinceArguments(since)], signal)) yield line;
    },
    further: (signal) =>
      lines(
        read(["--follow", ...(cursor === undefined ? ["--lines=0"] : [`--after-cursor=${cursor}`])], signal),
      ),
  };
}

const sinceArguments = (since: number | undefined): readonly string[] =>
  since === undefined ? [] : [`--since=@${Math.floor(since / 1_000)}`];

export interface JournalLine {
  readonly line: LogLine;
  readonly cursor: string;
}

/** One entry of `journalctl --output=json`. */
export function journalLine(json: string): JournalLine {
  const entry = JSON.parse(json) as Readonly<Record<string, unknown>>;
  const time = Math.floor(Number(entry["__REALTIME_TIMESTAMP"]) / 1_000);
  const message = messageOf(entry["MESSAGE"]);
  const from = entry["SYSLOG_IDENTIFIER"];
  const ours = message.startsWith("level=") || from === undefined || entry["_SYSTEMD_UNIT"] !== "init.scope";
  const text = ours
    ? withTime(new Date(time), message)
    : formatLogLine(new Date(time), levelOf(entry["PRIORITY"]), message, { from }).trimEnd();
  const { component } = readLogLine(text, time);
  return { line: { text, time, component }, cursor: String(entry["__CURSOR"]) };
}

/** Bytes come as a list of numbers, and what is too long for JSON as null. */
function messageOf(message: unknown): string {
  if (Array.isArray(message)) return Buffer.from(message as number[]).toString("utf8");
  return typeof message === "string" ? message : "";
}

function levelOf(priority: unknown): LogLevel {
  const number = Number(priority ?? 6);
  if (number <= 3) return "error";
  return number === 4 ? "warn" : "info";
}

/** Ends the program when its reader has had enough, and when the signal says so. */
async function* entries(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<JournalLine> {
  const child = Bun.spawn([program, ...args], {
    env: cleanEnvironment(),
    cwd: dirname(program),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const complaint = new Response(child.stderr).text();
  const end = (): void => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    if (signal.aborted) return;
    let rest = "";
    const decoder = new TextDecoder();
    for await (const bytes of child.stdout) {
      const texts = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = texts.pop() ?? "";
      for (const text of texts) if (text !== "") yield journalLine(text);
    }
    await child.exited;
    if (signal.aborted || child.exitCode === 0) return;
    throw new UserError(
      `journalctl ended with ${child.exitCode ?? child.signalCode}: ${(await complaint).trim()}`,
      {
        code: "no-journal",
        hint: "Run it by itself to see more: journalctl -u k0scontroller -u k0sworker",
      },
    );
  } finally {
    signal.removeEventListener("abort", end);
    end();
    await child.exited;
  }
}
