// A machine as its users see it: run programs in it, read its files, end it, start it again.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run, type RunResult } from "../os/exec.ts";
import { isRunning, processInfo, type ProcessId, signalProcess } from "../os/processes.ts";
import { errorMessage, isNotFound, UserError } from "../std/errors.ts";
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

type StreamChoice = "inherit" | "ignore" | "pipe" | number;

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

export const defaultEnvironment = { PATH: machinePath, HOME: "/root", LANG: "C.UTF-8" } as const;

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

  /** Runs a program to its end and collects what it says. Whatever it has started is killed with it on time-out. */
  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const result = await this.runFor(
      argv,
      helperCommand("exec", ...argv),
      options,
      this.execEnvironment(options),
    );
    // A helper that a signal ended has no code of its own to pass on.
    return { code: result.code ?? 137, stdout: result.stdout, stderr: result.stderr };
  }

  /** Runs `way`, a command of the host that brings `argv` into the machine. */
  async runFor(
    argv: readonly string[],
    way: readonly string[],
    { timeoutMs = 60_000, input, signal }: ExecOptions,
    env: Readonly<Record<string, string>>,
  ): Promise<RunResult> {
    const [command = "", ...args] = way;
    return run(command, args, {
      env,
      timeoutMs,
      ...(input === undefined ? {} : { input }),
      ...(signal === undefined ? {} : { signal }),
    }).catch((err: unknown) => {
      signal?.throwIfAborted();
      throw new Error(`${argv[0] ?? ""} in machine ${this.name}: ${errorMessage(err)}`, { cause: err });
    });
  }

  /** Starts a program; a `k0s` started so ends with the machine at the latest. */
  spawn(argv: readonly string[], options: SpawnOptions = {}): MachineProcess {
    const helper = Bun.spawn(helperCommand("exec", ...argv), {
      stdio: [options.stdin ?? "ignore", options.stdout ?? "ignore", options.stderr ?? "ignore"],
      env: this.execEnvironment(options),
    });
    const pid = (): Promise<number | undefined> => onlyChild(helper.pid);
    return {
      helper,
      exited: helper.exited,
      pid,
      kill: async (signal = "SIGTERM") => {
        const inner = signal === "SIGKILL" ? await pid() : undefined;
        const info = await processInfo(inner ?? helper.pid);
        // As long as the helper has not ended, both numbers belong to it.
        if (helper.exitCode === null && info !== undefined) await signalProcess(info, signal);
      },
    };
  }

  /** Starts a program that lives as long as the machine, even when k0s ends; both streams go to descriptors of the caller. */
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

  private execEnvironment(options: Pick<ExecOptions, "env" | "cwd">): Record<string, string> {
    const target = this.target({ cwd: options.cwd, detach: false });
    return { ...defaultEnvironment, ...options.env, [execVariable]: JSON.stringify(target) };
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
