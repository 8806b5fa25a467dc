// What a command sees of the process that runs it: streams, environment, terminal, end signal.

import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { errno } from "../std/errors.ts";

export interface CliIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Whether each stream is a terminal. */
  readonly terminal: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  /** Whether the effective user is root. */
  readonly root: boolean;
  out(text: string): void;
  err(text: string): void;
  /** All of standard input as text. */
  readInput(): Promise<string>;
}

/** The real process. */
export function processIo(signal: AbortSignal): CliIo {
  return {
    env: process.env,
    signal,
    terminal: { stdin: isatty(0), stdout: isatty(1), stderr: isatty(2) },
    root: process.geteuid?.() === 0,
    out: (text) => writeAll(1, text),
    err: (text) => writeAll(2, text),
    readInput: () => Bun.stdin.text(),
  };
}

/** Writes synchronously, so that nothing is lost when the process exits; a reader that went away is no error. */
function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (err) {
      if (errno(err) === "EPIPE") return;
      if (errno(err) !== "EAGAIN") throw err;
      Bun.sleepSync(1);
    }
  }
}
