// A machine whose programs a test runs: to their end, or beside the test with a log that is shown when it fails.

import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ExitError } from "./exit-error.ts";
import { lookPause } from "./look-pause.ts";
import { MachineCrashes } from "./machine-crashes.ts";
import { quickExec } from "./quick-exec.ts";
import type {
  ExecOptions,
  ExecResult,
  Machine,
  MachineProcess,
  SpawnOptions,
} from "../../src/sandbox/machine.ts";
import type { MachineSpec } from "../../src/sandbox/machine-boot.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { assertNoCrash, CrashError } from "../../src/std/program-end.ts";
import { type PollOptions, pollUntil } from "../../src/std/wait.ts";

/** Until something counts as hanging, on a machine however busy: a bound, which no test that passes waits out. */
const patienceMs = 300_000;

/** What a program that runs beside the test is started with. */
type StartOptions = Omit<SpawnOptions, "stdout" | "stderr">;

export class LoggedMachine {
  private current: Machine;
  protected readonly spec: MachineSpec;
  private readonly sandbox: Sandbox;
  private readonly logDir: string;
  private readonly logNames = new Set<string>();
  private readonly crashes = new MachineCrashes();

  constructor(machine: Machine, spec: MachineSpec, sandbox: Sandbox, logDir: string) {
    this.current = machine;
    this.spec = spec;
    this.sandbox = sandbox;
    this.logDir = logDir;
  }

  get name(): string {
    return this.current.name;
  }

  get address(): string {
    return this.current.address;
  }

  /** Runs a program to its end, whatever its exit code; throws a CrashError if it crashed. */
  async exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult> {
    const patient = { timeoutMs: patienceMs, ...options };
    const result = (await quickExec(this.current, argv, patient)) ?? (await this.current.exec(argv, patient));
    assertNoCrash(`${this.name}: ${argv.join(" ")}`, result, `${result.stdout}${result.stderr}`);
    return result;
  }

  /** Runs a program that must succeed; returns what it printed. */
  async ok(argv: readonly string[], options?: ExecOptions): Promise<string> {
    const result = await this.exec(argv, options);
    if (result.code !== 0) throw new ExitError(this.name, argv, result);
    return result.stdout;
  }

  /** A line for the machine's own shell. */
  sh(script: string, options?: ExecOptions): Promise<ExecResult> {
    return this.exec(["/bin/sh", "-c", script], options);
  }

  spawn(argv: readonly string[], options?: SpawnOptions): MachineProcess {
    return this.current.spawn(argv, options);
  }

  /** Starts a program whose output goes to a log that is shown when the test fails; `log` names it. */
  async start(log: string, argv: readonly string[], options: StartOptions = {}): Promise<MachineProcess> {
    this.logNames.add(log);
    const file = await open(this.logPath(log), "a");
    try {
      const started = this.spawn(argv, { ...options, stdout: file.fd, stderr: file.fd });
      this.crashes.follow(`${this.name}: ${argv.join(" ")}`, started.exited, () => this.logs(20));
      return started;
    } finally {
      await file.close();
    }
  }

  /** Whether a program was started with this log. */
  hasLog(log: string): boolean {
    return this.logNames.has(log);
  }

  /** What a program started with `start` has printed so far. */
  readLog(log: string): Promise<string> {
    return readFile(this.logPath(log), "utf8");
  }

  readFile(path: string): Promise<string> {
    return this.current.readFile(path);
  }

  writeFile(path: string, data: string | Uint8Array, mode?: number): Promise<void> {
    return this.current.writeFile(path, data, mode);
  }

  /** The path on this host of a file in the machine. */
  hostPath(path: string): string {
    return this.current.hostPath(path);
  }

  /** Whether a user of this machine's listens for TCP, as the kernel's list says: no program has to be started for it. */
  async listensAs(uid: number): Promise<boolean> {
    const pid = this.current.record.init?.pid ?? 0;
    const lists = await Promise.all(
      ["tcp", "tcp6"].map((name) => readFile(`/proc/${pid}/net/${name}`, "utf8")),
    );
    const listening = "0A";
    return lists
      .join("\n")
      .split("\n")
      .some((line) => {
        const [, , , state, , , , user] = line.trim().split(/\s+/);
        return state === listening && user === String(uid);
      });
  }

  /** Where its own files lie on this host: `lib` is its /var/lib. */
  get disk(): string {
    return this.current.record.diskDir;
  }

  /** For `nsenter --net`. */
  networkNamespace(): string {
    return join(this.current.hostPath("/"), "../ns/net");
  }

  /**
   * Waits until `probe` returns something truthy; errors count as "not yet". A crash ends the wait at once: of a program
   * that the probe runs, or of one that runs here since `start`.
   */
  waitFor<T>(
    what: string,
    probe: (signal: AbortSignal) => Promise<T> | T,
    options: Partial<Omit<PollOptions, "what">> = {},
  ) {
    return pollUntil(this.crashes.guard(probe), {
      what: `${what} on ${this.name}`,
      intervalMs: lookPause(200),
      timeoutMs: patienceMs,
      ...options,
      fatal: (err) => err instanceof CrashError || options.fatal?.(err) === true,
    });
  }

  /** A power cut and a new boot: the same disk and address, everything else is fresh. */
  async reboot(): Promise<void> {
    await this.sandbox.stopMachine(this.current);
    this.current = await this.sandbox.startMachine(this.current, this.spec);
  }

  async destroy(): Promise<void> {
    await this.sandbox.destroyMachine(this.current);
  }

  /** The ends of its logs. */
  async logs(lines = 80): Promise<string> {
    const parts = await Promise.all(
      [...this.logNames].map(async (log) => {
        const text = (await this.readLog(log)).trimEnd().split("\n").slice(-lines).join("\n");
        return `--- ${this.name}: ${log} (last ${lines} lines)\n${text}\n`;
      }),
    );
    return parts.join("");
  }

  private logPath(log: string): string {
    return join(this.logDir, `${this.name}.${log}.log`);
  }
}
