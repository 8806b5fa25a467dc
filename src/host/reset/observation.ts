// What `reset` sees of a host before it decides anything.

import type { RecordedUser } from "../../config/installation-record.ts";
import type { Mount } from "../../os/mounts.ts";
import type { ProcessId } from "../../os/processes.ts";
import type { InstalledService } from "../service/installed.ts";
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
}

/** A directory of k0s itself, in which only what k0s makes is deleted: the last to go. */
export interface OwnDirectory {
  readonly path: string;
  /** Names in it that are to be deleted, in order. */
  readonly entries: readonly string[];
  /** The name that proves the rest: stays until everything else has been done without a failure. */
  readonly proof?: string;
  readonly bytes: number;
  /** The directory itself stays: something is mounted there, or a symbolic link leads to it. */
  readonly keepItself: boolean;
  /** It lies on an operator's disk: only what is reached through this very mount may go. */
  readonly mount?: Pick<Mount, "id" | "device" | "root">;
}

export interface NftTable {
  readonly family: string;
  readonly name: string;
}

export interface OperatorFiles {
  /** Below the directory of manifests, k0s' own stacks left out: `shop/a.yaml`. */
  readonly manifests: readonly string[];
  /** In the directory of images. */
  readonly images: readonly string[];
}

export interface Observation {
  /** The service that starts this installation at boot. */
  readonly service: InstalledService | undefined;
  /** Processes that k0s has started, from its own programs. */
  readonly managed: readonly NamedProcess[];
  /** Processes in the control groups of our pods. */
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
  /** System users that k0s has made. */
  readonly users: readonly Pick<RecordedUser, "name" | "uid">[];
  /** Existing files and directories outside of k0s' own. */
  readonly paths: readonly ObservedPath[];
  /** In the order in which they go. */
  readonly own: readonly OwnDirectory[];
  /** What the operator has put into them, and goes too. */
  readonly yours: OperatorFiles;
  /** Directories that may have been made by us and go when they are empty. */
  readonly maybeEmpty: readonly string[];
  /** What looks related but belongs to somebody else. */
  readonly leftAlone: readonly string[];
  /** What k0s has made and must stay, with the reason. */
  readonly stays: readonly string[];
  /** Kernel parameters that are not as they were before k0s. */
  readonly parameters: readonly string[];
}

/** A host on which there is nothing to remove. */
export const nothingObserved: Observation = {
  service: undefined,
  managed: [],
  inPods: [],
  mounts: [],
  netns: [],
  links: [],
  nftTables: [],
  iptables: [],
  emptyTables: [],
  ipsets: [],
  routes: [],
  cgroups: [],
  users: [],
  paths: [],
  own: [],
  yours: { manifests: [], images: [] },
  maybeEmpty: [],
  leftAlone: [],
  stays: [],
  parameters: [],
};
