// A machine as its users see it: run programs in it, read its files, end it, start it again.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isRunning, processInfo, type ProcessId } from "../os/processes.ts";
import { isNotFound, UserError } from "../std/errors.ts";
import { helperCommand } from "./helper-command.ts";
import { type ExecTarget, execVariable, machinePath } from "./machine-spec.ts";
import type { MachineRecord } from "./sandbox-state.ts";

export interface ExecOptions {
  /** Added to PATH, HOME and LANG; nothing is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  /** The program is killed and the call fails when it takes longer; default one minute. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface ExecResult {
  /** 128 and the signal's number for a program that a signal ended. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type StreamChoice = "inherit" | "ignore" | "pipe" | number;

export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: StreamChoice | Uint8Array;
  readonly stdout?: StreamChoice;
  readonly stderr?: StreamChoice;
}

export interface DetachOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdout: number;
  readonly stderr: number;
}

const defaultEnvironment = { PATH: machinePath, HOME: "/root", LANG: "C.UTF-8" } as const;

/** A program that runs in a machine. */
export interface MachineProcess {
  readonly helper: Bun.Subprocess;
  readonly exited: Promise<number>;
  /** SIGKILL reaches the program itself, others through the helper process beside it. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** The program's number as the host sees it; undefined before it runs and after it ended. */
  pid(): Promise<number | undefined>;
}

export class Machine {
  readonly sandbox: string;
  readonly record: MachineRecord;

  constructor(sandbox: string, record: MachineRecord) {
    this.sandbox = sandbox;
    this.record = record;
  }

  get name(): string {
    return this.record.name;
  }

  get address(): string {
    return this.record.address;
  }

  async running(): Promise<boolean> {
    return this.record.init !== undefined && (await isRunning(this.record.init));
  }

  /** Runs a program to its end and collects what it says. */
  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const input = typeof options.input === "string" ? Buffer.from(options.input) : options.input;
    const child = this.spawn(argv, {
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdin: input ?? "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const timeoutMs = options.timeoutMs ?? 60_000;
    const limit = AbortSignal.timeout(timeoutMs);
    const stop = options.signal === undefined ? limit : AbortSignal.any([limit, options.signal]);
    const end = (): void => void child.kill("SIGKILL");
    stop.addEventListener("abort", end, { once: true });
    try {
      const streams = [child.helper.stdout, child.helper.stderr].map(collect);
      const [stdout = "", stderr = ""] = await Promise.all(streams);
      const code = await child.exited;
      options.signal?.throwIfAborted();
      if (limit.aborted)
        throw new Error(
          `${argv[0] ?? ""} in machine ${this.name} took longer than ${timeoutMs} ms\n${stderr}`,
        );
      return { code, stdout, stderr };
    } finally {
      stop.removeEventListener("abort", end);
    }
  }

  /** Starts a program; a `k0s` started so ends with the machine at the latest. */
  spawn(argv: readonly string[], options: SpawnOptions = {}): MachineProcess {
    const helper = Bun.spawn(helperCommand("exec", ...argv), {
      stdio: [options.stdin ?? "ignore", options.stdout ?? "ignore", options.stderr ?? "ignore"],
      env: {
        ...defaultEnvironment,
        ...options.env,
        [execVariable]: JSON.stringify(this.target({ cwd: options.cwd, detach: false })),
      },
    });
    const pid = (): Promise<number | undefined> => onlyChild(helper.pid);
    return {
      helper,
      exited: helper.exited,
      pid,
      kill: async (signal = "SIGTERM") => {
        const inner = signal === "SIGKILL" ? await pid() : undefined;
        if (helper.exitCode === null) process.kill(inner ?? helper.pid, signal);
      },
    };
  }

  /** Starts a program that lives as long as the machine, whatever becomes of us; both streams go to descriptors of ours. */
  async startDetached(argv: readonly string[], options: DetachOptions): Promise<ProcessId> {
    const helper = Bun.spawn(helperCommand("exec", ...argv), {
      stdio: ["ignore", "pipe", "pipe", options.stdout, options.stderr],
      env: {
        ...defaultEnvironment,
        ...options.env,
        [execVariable]: JSON.stringify(this.target({ cwd: "/", detach: true })),
      },
    });
    const [said, complaint] = await Promise.all([
      collect(helper.stdout),
      collect(helper.stderr),
      helper.exited,
    ]);
    const started = await processInfo(Number(said));
    if (started === undefined) throw new Error(`${argv[0] ?? ""} did not start: ${complaint.trim()}`);
    return { pid: started.pid, startTime: started.startTime };
  }

  /** A file of the machine as a path of the host. Absolute links in it would lead to the host: use for plain paths. */
  hostPath(path: string): string {
    return join(`/proc/${this.target({ cwd: "/", detach: false }).pid}/root`, path);
  }

  readFile(path: string): Promise<string> {
    return readFile(this.hostPath(path), "utf8");
  }

  async writeFile(path: string, data: string | Uint8Array, mode = 0o644): Promise<void> {
    await writeFile(this.hostPath(path), data, { mode });
  }

  private target(options: { cwd: string | undefined; detach: boolean }): ExecTarget {
    const { init, group } = this.record;
    if (init === undefined) throw new UserError(`machine ${this.name} is not running`);
    return { ...init, group, cwd: options.cwd ?? "/root", detach: options.detach };
  }
}

async function collect(stream: unknown): Promise<string> {
  return stream instanceof ReadableStream ? new Response(stream).text() : "";
}

async function onlyChild(pid: number): Promise<number | undefined> {
  try {
    const [first = ""] = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).split(" ");
    return first === "" ? undefined : Number(first);
  } catch (err) {
    if (isNotFound(err)) return undefined;
    throw err;
  }
}
