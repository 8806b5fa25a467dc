// What a supervised process is started with, and what its operating system does for it.

import type { AmbientCapability } from "../os/exec-helper-arguments.ts";
import type { Logger, LogLevel } from "../std/log.ts";
import type { KeptPidFile } from "./pid-file.ts";

export interface SupervisedProcessOptions {
  readonly name: string;
  /** Absolute path of the executable. */
  readonly command: string;
  readonly args: readonly string[];
  /** What a multi-call executable looks at; default: `command`. */
  readonly argv0?: string;
  /** Whether the proxies of k0s' environment are meant for it; by prefix (`CONTAINERD_HTTPS_PROXY`) they always are. */
  readonly usesProxy?: boolean;
  /** Variables of its environment keep the prefix that says whom they are for: its program looks for it itself. */
  readonly keepsPrefix?: boolean;
  /** What it must not ask a proxy for, at each start. */
  readonly noProxy?: () => readonly string[];
  /** On top of what is inherited (see environment.ts). */
  readonly env?: Readonly<Record<string, string>>;
  /** Put in front of the child's PATH. */
  readonly binDir?: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly ambientCaps?: readonly AmbientCapability[];
  /** Neither it nor what it starts can gain rights by set-user-id programs. */
  readonly noNewPrivs?: boolean;
  /** The data directory. */
  readonly cwd: string;
  /** `<run>/<name>.pid`. */
  readonly pidFile: string;
  /** From SIGTERM to SIGKILL; default 5 s. */
  readonly stopTimeoutMs?: number;
  /** From SIGKILL until it is given up as one that nothing ends; default 10 s. */
  readonly killTimeoutMs?: number;
  /** After this long a pid file that could not be written is tried again; default 10 s. */
  readonly pidFileRetryMs?: number;
  /** Runs before every start; its failure is one of the start. */
  readonly beforeStart?: (signal: AbortSignal) => Promise<void>;
  readonly log: Logger;
  /** The component's own lines below this level are not logged; default `warn`. */
  readonly outputLevel?: LogLevel;
  /** How to start ourselves for `__exec` (os/self.ts). Without it the child gets no PDEATHSIG and no capabilities. */
  readonly self?: readonly string[];
  /** Sees every line of its output; true: it is dealt with and not logged. */
  readonly onLine?: (line: string) => boolean;
  /** How it is started and ended; default: as on Linux. */
  readonly system?: ProcessSystem;
}

export interface RestartOptions {
  /** From SIGTERM to SIGKILL, for this end alone; 0: no SIGTERM, the process gets to do nothing more. */
  readonly stopTimeoutMs?: number;
}

export interface Child {
  readonly pid: number;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exited: Promise<number>;
  readonly exitCode: number | null;
  /** Some have no name. */
  readonly signalCode: NodeJS.Signals | number | null;
  /** To it, or with all that it has started; false if it has ended. */
  signal(signal: NodeJS.Signals, options?: { readonly group?: boolean }): boolean;
}

/** What supervision asks of its operating system. docs/adr/0084. */
export interface ProcessSystem {
  /** Of files that can be executed. */
  readonly programSuffix: string;
  spawn(options: SupervisedProcessOptions, args: readonly string[]): Child;
  /** What a child that has ended may have left, and nobody would end any more. */
  endRemains(child: Child): Promise<void>;
  /** Ends what a killed k0s has left of this process; tells its number. */
  endLeftOver(
    options: SupervisedProcessOptions,
    how: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<number | undefined>;
  /** Notes the child for that; undefined if it has ended already. */
  note(options: SupervisedProcessOptions, child: Child, log: Logger): Promise<KeptPidFile | undefined>;
  /** It has ended, and nothing of it is left. */
  forget(options: SupervisedProcessOptions): Promise<void>;
}
