// What the probes see of a host, so that each can be tested with a made-up one.

import type { HostAddress } from "../../os/addresses.ts";
import type { Mount } from "../../os/mounts.ts";
import type { PortUse } from "../../os/ports.ts";

export interface FileSystemSpace {
  readonly total: number;
  readonly free: number;
  /** The kernel's magic number of the file system. */
  readonly type: number;
  /** How many files it can hold and how many more; 0 where it has no such limit. */
  readonly inodes: number;
  readonly freeInodes: number;
}

export interface Clock {
  readonly now: Date;
  /** False if no time daemon keeps it right; undefined when the kernel does not say. */
  readonly synchronised: boolean | undefined;
}

export interface PortHolder {
  readonly use: PortUse;
  /** Undefined for a process that we cannot see. */
  readonly process: RunningProcess | undefined;
  /** k0s itself, or what it has started. */
  readonly own: boolean;
}

export interface RunningProcess {
  readonly pid: number;
  /** The kernel's short name of it. */
  readonly name: string;
  /** The file that it runs; undefined if we may not know. */
  readonly program: string | undefined;
}

/** Nothing here changes anything. */
export interface ProbeHost {
  readonly platform: string;
  readonly kernelRelease: string;
  readonly architecture: string;
  readonly memoryBytes: number;
  readonly hostname: string;
  /** Undefined when there is no such file, or root alone may read it. */
  readText(path: string): Promise<string | undefined>;
  readGzip(path: string): Promise<string | undefined>;
  /** Names in a directory; empty when there is none. */
  list(dir: string): Promise<readonly string[]>;
  exists(path: string): Promise<boolean>;
  space(path: string): Promise<FileSystemSpace>;
  mounts(): Promise<readonly Mount[]>;
  /** Throws if it does not resolve, or not in time. */
  resolve(name: string, patienceMs: number): Promise<readonly string[]>;
  /** Of all interfaces. */
  addresses(): readonly HostAddress[];
  links(): Promise<readonly string[]>;
  /** `path`: directories after colons; default: PATH. */
  findExecutable(name: string, path?: string): string | undefined;
  /** What a tool for the kernel's tables prints; undefined when it is missing, fails, or we are not root. */
  ask(tool: string, ...args: readonly string[]): Promise<string | undefined>;
  /** Whether cgroup v2 can filter devices; undefined when we lack the right to ask. */
  canFilterDevices(): boolean | undefined;
  clock(): Clock;
  /** In a container much is kept by the machine that it runs on. */
  isInContainer(): Promise<boolean>;
  processes(): Promise<readonly RunningProcess[]>;
  /** Those of the ports that somebody listens on. */
  holders(uses: readonly PortUse[]): Promise<readonly PortHolder[]>;
  /** Whether a k0s of this data directory has run here before. */
  isInstalled(): Promise<boolean>;
  /** Whether one runs. */
  isRunning(): Promise<boolean>;
}
