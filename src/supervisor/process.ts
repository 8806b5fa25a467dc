// One supervised child process: started, watched, started again with back-off, its output logged, stopped with its
// whole group. Upstream: pkg/supervisor/supervisor.go, which sends no SIGKILL after the time-out and always waits 5 s
// before it starts again.

import { atMost } from "../os/patience.ts";
import { type Backoff, createBackoff } from "../std/backoff.ts";
import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { pause } from "../std/wait.ts";
import type { ComponentDetails, ProcessEvent } from "./component.ts";
import { endChild } from "./end-child.ts";
import { type LogLevelChange, withLogLevel } from "./log-level.ts";
import { componentOutput } from "./output.ts";
import type { ComponentOutput } from "./output.ts";
import { linuxProcesses } from "./linux-processes.ts";
import type { KeptPidFile } from "./pid-file.ts";
import type { RestartOptions, SupervisedProcessOptions } from "./process-options.ts";
import type { Child, ProcessSystem } from "./process-options.ts";

export type { SupervisedProcessOptions } from "./process-options.ts";

/**
 * From the end of a process to the next one. Upstream waits 5 s every time, which costs more than the whole
 * start of an API server. Without jitter: only this host is asked. docs/adr/0033.
 */
export function restartBackoff(): Backoff {
  const rules = { firstMs: 200, longestMs: 5_000, stableMs: 10_000, firstAtOnce: true };
  return createBackoff(rules, () => 1);
}

const unexpectedPauseMs = 500;
/** A program with gigabytes to give back, or a busy disk, needs a while even then. */
const killTimeoutMs = 10_000;

interface Running {
  readonly child: Child;
  readonly startedAt: number;
  /** Resolves once it has ended and its output is read. */
  readonly ended: Promise<void>;
}

export class SupervisedProcess {
  readonly name: string;
  readonly #options: SupervisedProcessOptions;
  readonly #system: ProcessSystem;
  readonly #log: Logger;
  readonly #output: ComponentOutput;
  readonly #stopping = new AbortController();
  #args: readonly string[];
  /** Another log level than the arguments say. */
  #logLevel: string | undefined;
  #running: Running | undefined;
  #pidFile: KeptPidFile | undefined;
  /** Why the present child does not end though it was killed. */
  #unending: string | undefined;
  #starting: Promise<void> | undefined;
  #launching: Promise<void> | undefined;
  #loop: Promise<void> | undefined;
  /** Cuts a wait short because somebody wants a restart now. */
  #hurry = new AbortController();
  #expectExit = false;
  #nextLaunch = Promise.withResolvers<void>();
  #restarts = 0;
  readonly #backoff = restartBackoff();
  #lastExit: string | undefined;
  #lastWords: readonly string[] | undefined;
  #retryAt: Date | undefined;
  #listener: (event: ProcessEvent) => void = () => undefined;

  constructor(options: SupervisedProcessOptions) {
    this.name = options.name;
    this.#options = options;
    this.#system = options.system ?? linuxProcesses;
    this.#args = options.args;
    this.#log = options.log.with({ component: options.name });
    this.#output = componentOutput({
      log: this.#log,
      level: options.outputLevel ?? "warn",
      onLine: options.onLine,
    });
  }

  /** The pid of the present child, if one runs. */
  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  /** How often it was started again after it had ended by itself. */
  get restarts(): number {
    return this.#restarts;
  }

  /** The last lines that it printed, oldest first. */
  lastOutput(): readonly string[] {
    return this.#output.lastLines();
  }

  /** Sets the listener for its ends and restarts; the first start is not told. */
  observe(listener: (event: ProcessEvent) => void): void {
    this.#listener = listener;
  }

  inspect(): ComponentDetails {
    return {
      restarts: this.#restarts,
      lastOutput: this.lastOutput(),
      ...(this.pid === undefined ? {} : { pid: this.pid }),
      ...(this.#lastExit === undefined ? {} : { lastExit: this.#lastExit }),
      ...(this.#lastWords === undefined ? {} : { lastWords: this.#lastWords }),
      ...(this.#retryAt === undefined ? {} : { retryAt: this.#retryAt }),
      ...(this.#unending === undefined ? {} : { waitingFor: this.#unending }),
      ...complaintOf(this.#pidFile?.trouble()),
    };
  }

  /** Ends what a killed k0s left, then starts the first child; the caller gets a failure of that start. */
  async start(signal: AbortSignal): Promise<void> {
    if (this.#starting !== undefined) throw new Error(`${this.name} is already started`);
    this.#starting = this.#startFirst(AbortSignal.any([signal, this.#stopping.signal]));
    await this.#starting;
  }

  /**
   * Ends the child and its group and supervises no more. Harmless when not started or stopped before. Throws when the child
   * does not end: then its pid file stays, for the next start.
   */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error(`${this.name} is being stopped`));
    this.#settleLaunch(this.#stopping.signal.reason);
    // A start that is under way ends with its abort; only then is it known whether there is a child.
    await Promise.allSettled([this.#starting]);
    try {
      await this.#endChild();
      await this.#loop;
    } finally {
      // Also where it gives up: nothing else would end the tries of a pid file that could not be written.
      await this.#pidFile?.end();
    }
    await this.#system.forget(this.#options);
  }

  /**
   * Ends the child and starts it at once, with new arguments if given, also in the middle of a pause; resolves when the
   * new one runs. Before the first start and after the end only the arguments are kept.
   */
  async restart(args?: readonly string[], { stopTimeoutMs }: RestartOptions = {}): Promise<void> {
    if (args !== undefined) this.#args = args;
    // A start that is under way may have read old values.
    await Promise.allSettled([this.#starting, this.#launching]);
    if (this.#loop === undefined || this.#stopping.signal.aborted) return;
    const launched = this.#nextLaunch.promise;
    this.#expectExit = this.#running !== undefined;
    this.#tell({ kind: "restarting" });
    this.#hurry.abort();
    await this.#endChild(stopTimeoutMs);
    await launched;
  }

  /** See Component.setLogLevel. */
  setLogLevel({ shown, own }: LogLevelChange): boolean {
    this.#output.show(shown ?? undefined);
    if (own === undefined) return true;
    if (own !== null && withLogLevel(this.#args, own) === undefined) return false;
    this.#logLevel = own ?? undefined;
    return true;
  }

  /** Sends a signal to the child, e.g. SIGHUP; false if none runs. */
  signal(signal: NodeJS.Signals): boolean {
    return this.#running?.child.signal(signal) ?? false;
  }

  get #stopTimeoutMs(): number {
    return this.#options.stopTimeoutMs ?? 5_000;
  }

  async #startFirst(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const timeoutMs = this.#stopTimeoutMs;
    const leftOver = await this.#system.endLeftOver(this.#options, { timeoutMs, signal });
    if (leftOver !== undefined)
      this.#log.warn("Ended a process that an earlier run had left", { pid: leftOver });
    await this.#launch(signal);
    this.#loop = this.#supervise();
  }

  /** Nothing but a stop ends it: whatever else throws, the process must not stay away. */
  async #supervise(): Promise<void> {
    const stop = this.#stopping.signal;
    while (!stop.aborted) {
      try {
        await this.#turn(stop);
      } catch (err) {
        if (stop.aborted) return;
        this.#safely(() => {
          throw err;
        });
        await this.#pause(unexpectedPauseMs);
      }
    }
  }

  /** From a running process, or none, to the next one. */
  async #turn(stop: AbortSignal): Promise<void> {
    const running = this.#running;
    const startedAt = running?.startedAt ?? performance.now();
    this.#hurry = new AbortController();
    try {
      await running?.ended;
    } finally {
      this.#running = undefined;
      this.#unending = undefined;
    }
    if (stop.aborted) return;
    const asked = this.#expectExit;
    this.#expectExit = false;
    if (asked) this.#backoff.worked();
    else {
      const delayMs = this.#backoff.failed({ livedMs: performance.now() - startedAt });
      this.#safely(() => this.#reportExit(delayMs));
      await this.#pause(delayMs);
    }
    this.#retryAt = undefined;
    await this.#relaunch(stop);
  }

  /** A failure is one more reason to wait and try again, like an end of the process. */
  async #relaunch(stop: AbortSignal): Promise<void> {
    if (stop.aborted) return;
    try {
      this.#launching = this.#launch(stop);
      await this.#launching;
    } catch (err) {
      if (stop.aborted) return;
      this.#lastExit = `could not be started: ${errorMessage(err)}`;
      this.#lastWords = [];
      this.#settleLaunch(err);
    }
  }

  /** Tells those who wait for the next start how it went. */
  #settleLaunch(err?: unknown): void {
    const launch = this.#nextLaunch;
    this.#nextLaunch = Promise.withResolvers<void>();
    launch.promise.catch(() => undefined); // Mostly nobody waits.
    if (err === undefined) return launch.resolve();
    launch.reject(err);
  }

  #reportExit(delayMs: number): void {
    const how = this.#lastExit ?? "ended";
    this.#restarts += 1;
    this.#retryAt = new Date(Date.now() + delayMs);
    this.#log.error("Process ended by itself, starting it again", { how, delayMs, restarts: this.#restarts });
    this.#tell({ kind: "ended", how, retryAt: this.#retryAt });
  }

  #tell(event: ProcessEvent): void {
    this.#safely(() => this.#listener(event));
  }

  /** Neither a listener nor the log may keep a process away. */
  #safely(tell: () => void): void {
    try {
      tell();
    } catch (err) {
      try {
        this.#log.error("Supervision met an error, going on", { err: errorMessage(err) });
      } catch {
        // The log has failed, and its writer says so.
      }
    }
  }

  /** Waits, unless somebody stops or restarts meanwhile. */
  async #pause(ms: number): Promise<void> {
    if (ms > 0) await pause(ms, AbortSignal.any([this.#stopping.signal, this.#hurry.signal]));
  }

  async #launch(signal: AbortSignal): Promise<void> {
    await this.#options.beforeStart?.(signal);
    signal.throwIfAborted();
    this.#output.expectEnd(false);
    this.#output.beginLife();
    const level = this.#logLevel;
    const args = (level === undefined ? undefined : withLogLevel(this.#args, level)) ?? this.#args;
    const child = this.#system.spawn(this.#options, args);
    const startedAt = performance.now();
    const reading = Promise.all([this.#read(child.stdout, "stdout"), this.#read(child.stderr, "stderr")]);
    this.#running = { child, startedAt, ended: this.#watch(child, reading) };
    this.#safely(() => this.#log.debug("Process started", { pid: child.pid }));
    this.#settleLaunch();
    if (this.#loop !== undefined) this.#tell({ kind: "started", pid: child.pid });
    await this.#pidFile?.end();
    this.#pidFile = (await this.#system.note(this.#options, child, this.#log)) ?? this.#pidFile;
  }

  async #read(stream: ReadableStream<Uint8Array>, name: "stdout" | "stderr"): Promise<void> {
    try {
      await this.#output.consume(stream, name);
    } catch (err) {
      this.#log.error("Cannot read the output of the process", { stream: name, err: errorMessage(err) });
    }
  }

  async #watch(child: Child, reading: Promise<unknown>): Promise<void> {
    await child.exited;
    this.#lastExit =
      child.signalCode === null ? `exited with code ${child.exitCode}` : `was ended by ${child.signalCode}`;
    // Whatever it started in its own group must not live on beside the next one, nor hold the pipes open.
    await this.#system.endRemains(child);
    await atMost(500, reading);
    this.#lastWords = this.#output.wordsOfLife();
  }

  /** Throws when it does not end: it stays the present child, and no other is started beside it. */
  async #endChild(timeoutMs = this.#stopTimeoutMs): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#output.expectEnd(true);
    const { pid } = running.child;
    const signal: Child["signal"] = (name, options) => running.child.signal(name, options);
    try {
      await endChild(
        { pid, ended: running.ended, signal },
        {
          name: this.name,
          log: this.#log,
          timeoutMs,
          killTimeoutMs: this.#options.killTimeoutMs ?? killTimeoutMs,
        },
      );
    } catch (err) {
      if (this.#running === running) this.#unending = `its last process to end (${errorMessage(err)})`;
      throw err;
    }
  }
}

function complaintOf(
  trouble: ReturnType<KeptPidFile["trouble"]>,
): Pick<ComponentDetails, "complaint" | "complaintSince"> {
  return trouble === undefined ? {} : { complaint: trouble.what, complaintSince: trouble.since };
}
