// Runs a tool of the build: output is collected, and of a failure the last lines are shown.

import { spawn } from "node:child_process";
import { errno, UserError } from "../src/std/errors.ts";
import { describeEnd, type ProgramEnd } from "../src/std/program-end.ts";

export interface CommandOptions {
  cwd?: string;
  env?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
  /** What the step is called in an error: "building kubernetes for linux/amd64". */
  what: string;
  /** What to do about a failure, given what the tool said. */
  hint?: (output: string) => string;
}

const tailLines = 20;

export function tail(output: string, lines = tailLines): string {
  return output.trimEnd().split("\n").slice(-lines).join("\n");
}

/** Standard output of the command; throws a UserError with the last lines of both streams if it fails. */
export async function runCommand(
  command: readonly [string, ...string[]],
  options: CommandOptions,
): Promise<string> {
  const [program, ...args] = command;
  options.signal?.throwIfAborted();
  const result = await new Promise<ProgramEnd & { stdout: string; all: string }>((resolve, reject) => {
    // A group of its own: an interrupted build must end the compilers that the go command started, too.
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const chunks: Buffer[] = [];
    const all: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => (chunks.push(chunk), all.push(chunk)));
    child.stderr.on("data", (chunk: Buffer) => all.push(chunk));
    const abort = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
    };
    options.signal?.addEventListener("abort", abort, { once: true });
    child.on("error", (err) => {
      options.signal?.removeEventListener("abort", abort);
      reject(errno(err) === "ENOENT" ? missingTool(program, options, err) : err);
    });
    child.on("close", (code, signal) => {
      options.signal?.removeEventListener("abort", abort);
      resolve({ code, signal, stdout: Buffer.concat(chunks).toString(), all: Buffer.concat(all).toString() });
    });
  });
  options.signal?.throwIfAborted();
  if (result.code === 0) return result.stdout;
  const hint = options.hint?.(result.all);
  throw new UserError(`${options.what} failed; ${program} ${describeEnd(result)}:\n${tail(result.all)}`, {
    code: "build-step-failed",
    ...(hint === undefined ? {} : { hint }),
  });
}

function missingTool(program: string, options: CommandOptions, cause: unknown): UserError {
  return new UserError(`${options.what}: ${program} is not installed`, {
    code: "tool-missing",
    hint: `Install ${program} (or put it on PATH) and run the same command again.`,
    cause,
  });
}
