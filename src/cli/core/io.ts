// What a command sees of the process that runs it: streams, environment, terminal, end signal.

import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { errno, errorMessage, UserError } from "../../std/errors.ts";
import { decodeUtf8 } from "../../std/utf8.ts";

export interface CliIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads a variable that holds a secret and takes it out of the environment, so that no child ever gets it. */
  takeSecret(name: string): string | undefined;
  readonly signal: AbortSignal;
  /** Whether each stream is a terminal. */
  readonly terminal: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  /** Whether the effective user is root. */
  readonly root: boolean;
  /** Waits for its reader; a running node has an output of its own, which does not wait (../node/output.ts). */
  out(text: string): void;
  /** Whether nobody reads `out` any more: who prints on and on ends then. */
  readerGone(): boolean;
  /** Never throws: nobody could be told. */
  err(text: string): void;
  /** All of standard input as text. */
  readInput(): Promise<string>;
}

/** The real process. */
export function processIo(signal: AbortSignal): CliIo {
  let readerGone = false;
  return {
    env: process.env,
    takeSecret: (name) => takeFrom(process.env, name),
    signal,
    terminal: { stdin: isatty(0), stdout: isatty(1), stderr: isatty(2) },
    root: process.geteuid?.() === 0,
    out: (text) => {
      if (!writeOrThrow(1, text)) readerGone = true;
    },
    readerGone: () => readerGone,
    err: (text) => writeOrForget(2, text),
    readInput: async () => decodeUtf8(await Bun.stdin.bytes(), "stdin"),
  };
}

function takeFrom(env: Record<string, string | undefined>, name: string): string | undefined {
  const value = env[name];
  Reflect.deleteProperty(env, name);
  return value;
}

/** False if nobody reads it. */
function writeOrThrow(fd: number, text: string): boolean {
  try {
    return writeAll(fd, text);
  } catch (err) {
    throw new UserError(`cannot write the output: ${errorMessage(err)}`, {
      code: "output-failed",
      cause: err,
    });
  }
}

function writeOrForget(fd: number, text: string): void {
  try {
    writeAll(fd, text);
  } catch {
    // See above; the exit code still tells.
  }
}

/** Writes synchronously, so that nothing is lost when the process exits; a reader that went away is not an error: false. */
function writeAll(fd: number, text: string): boolean {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (err) {
      if (errno(err) === "EPIPE") return false;
      if (errno(err) !== "EAGAIN") throw err;
      Bun.sleepSync(1);
    }
  }
  return true;
}
