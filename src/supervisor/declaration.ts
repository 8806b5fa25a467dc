// What a component says of itself before anything runs: values and functions of what is known by then. A place that
// needs to know something of all components folds over the list of a role (src/roles/folds/). docs/adr/0056.

import type { ClusterConfig } from "../config/cluster-config.ts";
import type { ImageKey } from "../config/images.ts";
import type { FollowedField } from "../config/live-fields.ts";
import type { YamlPath } from "../std/yaml-positions.ts";
import type { Component } from "./component.ts";
import type { Traces } from "./traces.ts";

/** Every field but the name may be absent, and a field is here only if a fold reads it. */
export interface Declaration<Facts = never, Node = never> {
  /** Upstream's name of the component, as `--disable-components` and `--logging` know it. */
  readonly name: string;
  /** What it is called while it runs, in the log and in the status, where that is another name. */
  readonly runningName?: string;
  /** Whether a node with these facts runs it; absent: every node of the role. */
  readonly when?: (facts: Facts) => boolean;
  /** Makes what is started of it. Its code is loaded then, and only on a node that runs it: nothing else loads more than this value. */
  readonly make?: (node: Node) => Promise<Component | readonly Component[]>;
  /** What people are shown of it in the status, each with a name; what is not known yet is left out. */
  readonly details?: (node: Node) => Promise<Readonly<Record<string, string>>>;
  /** `--disable-components` can leave it out. */
  readonly disableable?: true;
  /** What `--logging` sets, and its value by itself. */
  readonly logLevel?: string;
  /** To be unpacked before it starts, by name. */
  readonly programs?: readonly string[];
  /** It unpacks them itself, because nothing waits for them on the way to an API. */
  readonly unpacksItself?: true;
  /** The system user that its process runs as; absent: root. */
  readonly user?: string;
  /** The process is in group root, not in its user's own: files that its arguments name often belong to root. docs/adr/0021. */
  readonly group?: "root";
  /**
   * Certificates that its process reads, its own and those of authorities, by their paths in the PKI directory without extension:
   * `once`, when it starts, so that it is started again when one is renewed, or `again`, by itself.
   */
  readonly certificates?: Readonly<Record<string, "once" | "again">>;
  /** Where a person sets further arguments of its process: a field of k0s.yaml, or a flag. */
  readonly argumentsField?: string;
  /** Folders of manifests that it writes, upstream's names; no operator's stack may have one. */
  readonly stacks?: readonly string[];
  /** Workloads in kube-system that come of its manifests, without which a cluster is not ready. */
  readonly workloads?: readonly DeclaredWorkload<Facts>[];
  /** Those of the images that come inside the file that a node of such a cluster starts its pods from. */
  readonly images?: (cluster: ImageChoice) => readonly ImageKey[];
  /** What it makes in the data directory: names there, which reset deletes. */
  readonly dataEntries?: readonly string[];
  /**
   * Directories below the data directory, by their paths there, and the names that it makes in them. Such a name may be the place of
   * an operator's disk, and of one that is mounted at such a directory nothing else is removed.
   */
  readonly dataContent?: Readonly<Record<string, RegExp>>;
  /** The same of files: what is mounted under such a name is no disk of k0s'. */
  readonly dataFiles?: Readonly<Record<string, RegExp>>;
  /** Paths below the data directory where it mounts things itself. */
  readonly dataMounts?: RegExp;
  /** What it, or a pod of it, makes elsewhere: what reset removes. */
  readonly leaves?: readonly Traces[];
  /** Components without which it does nothing, by reference. */
  readonly restsOn?: readonly Declaration[];
  /** What of a node works only while it does. With what it rests on this tells causes from what follows from them. */
  readonly carries?: readonly Carried[];
  /** Fields of the configuration that it follows while it runs, each with what a change of it does: docs/adr/0075. */
  readonly follows?: Readonly<Partial<Record<FollowedField, Following>>>;
  /** Where it listens from its start until its end. */
  readonly ports?: (facts: Facts) => readonly DeclaredPort[];
  /** Where it, or a pod of it in the host's network, listens on a node now and then, so that a start cannot ask for the port. */
  readonly laterPorts?: (config: ClusterConfig) => readonly DeclaredPort[];
}

/**
 * `restart`: its process is started again, on one controller after the other. `apply`: its manifests are applied again, and what
 * runs of them is replaced. `adopt`: it goes on with it. `publish`: workers are told.
 */
export type Following = "restart" | "apply" | "adopt" | "publish";

export interface DeclaredWorkload<Facts> {
  readonly name: string;
  /** Whether a cluster with these facts has it; absent: every one whose controllers run the component. */
  readonly when?: (facts: Facts) => boolean;
}

/** Links of the chain that `k0s doctor` goes through. */
export type Carried = "datastore" | "API" | "tunnel" | "node" | "CNI" | "DNS" | "system pods";

/** What a node knows of its cluster when it imports images. */
export interface ImageChoice {
  /** Undefined where the cluster does not say. */
  readonly networkProvider?: string | undefined;
}

export interface DeclaredPort {
  readonly port: number;
  /** Undefined for all addresses. */
  readonly address?: string;
  /** What listens there; absent: what has the component's name. */
  readonly process?: string;
  /** The field of k0s.yaml that moves it, if there is one. */
  readonly setting?: YamlPath;
}

/** What the facts of every role hold. */
export interface Choice {
  /** Names given with `--disable-components`. */
  readonly disabledComponents: ReadonlySet<string>;
}

export function runs<Facts extends Choice>(
  { name, disableable, when }: Declaration<Facts>,
  facts: Facts,
): boolean {
  if (disableable === true && facts.disabledComponents.has(name)) return false;
  return when?.(facts) ?? true;
}

/** The level asked for, else the component's own. */
export function logLevelOf(
  { name, logLevel }: Pick<Declaration, "name"> & { readonly logLevel: string },
  asked: Readonly<Record<string, string>>,
): string {
  return asked[name] ?? logLevel;
}

export const loopback = "127.0.0.1";
