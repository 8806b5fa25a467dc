// What `reset` sees of a host before it decides anything.

import type { ProcessId } from "../../os/processes.ts";
import type { IptablesCleanup } from "./iptables-cleanup.ts";

export interface NamedProcess extends ProcessId {
  readonly name: string;
}

export interface IptablesState extends IptablesCleanup {
  readonly family: "ip" | "ip6";
  readonly backend: "nft" | "legacy";
}

export interface ObservedPath {
  readonly path: string;
  /** Of everything below, in bytes. */
  readonly bytes: number;
  readonly mountPoint: boolean;
  /** A directory of k0s itself: the last to go, because it tells the next reset what was ours. */
  readonly own: boolean;
}

export interface NftTable {
  readonly family: string;
  readonly name: string;
}

export interface Observation {
  /** Whether a k0s has ever made this host a node: without a trace of that, what looks like ours is somebody else's. */
  readonly wasNode: boolean;
  /** Processes that k0s has started. */
  readonly managed: readonly NamedProcess[];
  /** Processes in the pods' control groups. */
  readonly inPods: readonly NamedProcess[];
  /** Targets below the directories that will be deleted, last mounted first. */
  readonly mounts: readonly string[];
  /** Network namespaces of our pods, as paths. */
  readonly netns: readonly string[];
  readonly links: readonly string[];
  readonly nftTables: readonly NftTable[];
  readonly iptables: readonly IptablesState[];
  /** Tables that iptables-nft made and in which nothing is left. */
  readonly emptyTables: readonly NftTable[];
  readonly ipsets: readonly string[];
  /** Arguments of `ip`, to delete each. */
  readonly routes: readonly (readonly string[])[];
  /** Directories of control groups. */
  readonly cgroups: readonly string[];
  readonly users: readonly string[];
  /** Existing files and directories, the large ones of ours last. */
  readonly paths: readonly ObservedPath[];
  /** Directories that may have been made by us and go when they are empty. */
  readonly maybeEmpty: readonly string[];
  /** What looks related and stays. */
  readonly leftAlone: readonly string[];
}
