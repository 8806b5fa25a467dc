// What a machine is made of, and the messages between the processes that make it.

import type { ProcessId } from "../os/processes.ts";
import type { Route } from "./netlink.ts";

/** Where a machine's root file system comes from; always a read-only layer below the machine's own one. */
export type MachineRoot =
  /** The host's own file system, without what other clusters left in it. */
  | { readonly kind: "host" }
  /** A directory that holds a root file system, e.g. a Debian base or busybox alone. */
  | { readonly kind: "directory"; readonly path: string };

export interface BindMount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface SmallFileSystem {
  readonly target: string;
  /** Any size that tmpfs takes: `64m`. */
  readonly size: string;
}

/** Everything that the process inside needs to become the machine; plain data, sent as one JSON argument. */
export interface MachineSetup {
  readonly sandbox: string;
  readonly name: string;
  /** Control group, the same name in every hierarchy. */
  readonly group: string;
  readonly root: MachineRoot;
  /** The machine's own directory on the host: upper layer, mount point, /var/lib. */
  readonly diskDir: string;
  readonly binds: readonly BindMount[];
  /** Memory file systems of a fixed size, for tests that run out of space. */
  readonly small: readonly SmallFileSystem[];
  /** Directories that become read-only at the end. */
  readonly readOnly: readonly string[];
  readonly machineId: string;
  readonly network: MachineNetwork;
}

interface MachineNetwork {
  /** The process whose network namespace holds the bridge. */
  readonly anchorPid: number;
  readonly bridgeEnd: string;
  /** `10.200.0.2/24`. */
  readonly address: string;
  readonly routes: readonly Route[];
  readonly nameserver: string;
}

export interface ExecTarget extends ProcessId {
  readonly group: string;
  readonly cwd: string;
  /** Print the program's number and leave it alone: it lives as long as the machine. */
  readonly detach: boolean;
}

export const bridgeName = "br0";
export const machineLink = "eth0";
/** In the environment of every process that keeps a sandbox alive, for people who look: it proves nothing. */
export const markerVariable = "K0S_SANDBOX";
/** In every machine: its disk is a part of the host's, so that its cluster does not decide how full it may be. */
export const sandboxMark = "/run/k0s-sandbox";
/** How the target of `exec` is passed: the environment keeps the user's argument list clean. */
export const execVariable = "_K0S_SANDBOX_EXEC";

export const machinePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
