// What a supervised process is started with.

import type { AmbientCapability } from "../os/exec-helper-arguments.ts";
import type { Logger, LogLevel } from "../std/log.ts";
import type { ProcessSystem } from "./process-system.ts";

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
