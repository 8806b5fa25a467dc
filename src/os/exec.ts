// Runs a short-lived program to its end: output collected, time and memory bounded, the whole group ended on abort.

import { errno, UserError } from "../std/errors.ts";
import { atMost } from "./patience.ts";
import { sendSignal } from "./send-signal.ts";
import { TimeoutError } from "../std/wait.ts";

export interface RunOptions {
  signal?: AbortSignal;
  /** Replaces the environment; default: ours without BUN_*. */
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  input?: string | Uint8Array;
  timeoutMs?: number;
  argv0?: string;
  user?: { uid: number; gid: number };
  /** Each stream is cut after this many bytes; the program goes on. Default 16 MiB. */
  maxOutputBytes?: number;
}

export interface RunResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Resolves with any exit status; throws if the program cannot be started, times out (a TimeoutError) or is aborted. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  options.signal?.throwIfAborted();
  const child = spawn(command, args, options);
  const deadline = options.timeoutMs === undefined ? [] : [AbortSignal.timeout(options.timeoutMs)];
  const stop = AbortSignal.any([...(options.signal === undefined ? [] : [options.signal]), ...deadline]);
  const kill = (): void => void sendSignal(-child.pid, "SIGKILL");
  stop.addEventListener("abort", kill, { once: true });
  if (stop.aborted) kill();
  try {
    const limit = options.maxOutputBytes ?? 16 * 1024 * 1024;
    const stdout = collect(child.stdout, limit);
    const stderr = collect(child.stderr, limit);
    await child.exited;
    // A daemon that it left behind may hold the pipes open for ever.
    await atMost(2_000, Promise.all([stdout.ended, stderr.ended]));
    options.signal?.throwIfAborted();
    if (stop.aborted) throw new TimeoutError(`${command} did not end within ${options.timeoutMs} ms`);
    return { code: child.exitCode, signal: signalName(child), stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    stop.removeEventListener("abort", kill);
  }
}

/** Like `run`, but anything except exit code 0 is an error that quotes the last line of stderr. Returns stdout. */
export async function runOrThrow(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const result = await run(command, args, options);
  if (result.code === 0) return result.stdout;
  const how = result.signal === null ? `exited with code ${result.code}` : `was ended by ${result.signal}`;
  const last = result.stderr.trim().split("\n").at(-1) ?? "";
  throw new Error(`${command} ${args[0] ?? ""} ${how}${last === "" ? "" : `: ${last}`}`);
}

/** The environment as children may see it: without what steers the Bun runtime, and without the join token. */
export function cleanEnvironment(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !name.startsWith("BUN_") && name !== "K0S_TOKEN") clean[name] = value;
  }
  return clean;
}

function spawn(command: string, args: readonly string[], options: RunOptions) {
  try {
    return Bun.spawn([command, ...args], {
      argv0: options.argv0 ?? command,
      env: options.env ?? cleanEnvironment(),
      stdin: typeof options.input === "string" ? Buffer.from(options.input) : (options.input ?? "ignore"),
      stdout: "pipe",
      stderr: "pipe",
      detached: true,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...options.user,
    });
  } catch (err) {
    const code = errno(err);
    if (code === "ENOENT")
      throw new UserError(`Cannot run ${command}: not found.`, { code: "command-not-found", cause: err });
    if (code === "EACCES")
      throw new UserError(`Cannot run ${command}: permission denied.`, {
        code: "command-denied",
        cause: err,
      });
    throw err;
  }
}

/** Bun's types allow numbers for signals without a name. */
function signalName({ signalCode }: { signalCode: NodeJS.Signals | number | null }): NodeJS.Signals | null {
  return typeof signalCode === "number" ? "SIGKILL" : signalCode;
}

function collect(
  stream: ReadableStream<Uint8Array>,
  limit: number,
): { ended: Promise<void>; text(): string } {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const read = async (): Promise<void> => {
    for await (const chunk of stream) {
      if (size >= limit) continue;
      chunks.push(chunk.subarray(0, limit - size));
      size += chunk.length;
    }
  };
  return { ended: read(), text: () => Buffer.concat(chunks).toString("utf8") };
}
