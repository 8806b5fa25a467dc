// What a component says of itself before anything runs: values and functions of what is known by then. Whoever needs to know
// something of all components folds over the list of a role (src/roles/). docs/adr/0056.

import type { ClusterConfig } from "../config/cluster-config.ts";
import type { YamlPath } from "../std/yaml-positions.ts";

/** Every field but the name may be absent, and a field is here only if a fold reads it. */
export interface Declaration<Facts = never> {
  /** Upstream's name of the component, as `--disable-components` and `--logging` know it. */
  readonly name: string;
  /** Whether a node with these facts runs it; absent: every node of the role. */
  readonly when?: (facts: Facts) => boolean;
  /** `--disable-components` can leave it out. */
  readonly disableable?: true;
  /** Where it listens from its start until its end. */
  readonly ports?: (facts: Facts) => readonly DeclaredPort[];
  /** Where it, or a pod of it in the host's network, listens on a node now and then, so that a start cannot ask for the port. */
  readonly laterPorts?: (config: ClusterConfig) => readonly DeclaredPort[];
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

export const loopback = "127.0.0.1";
