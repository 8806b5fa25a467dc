// What a program, or the pods of an add-on, make on a host outside of k0s' own directories, under names that are always the same: by
// them a reset knows what to remove, with the proof that docs/destructive-actions.md has.

/** A field is here only if a fold reads it (src/roles/folds/traces.ts). */
export interface Traces {
  /** Deleted with all that is in them. */
  readonly paths?: readonly string[];
  /** Those of the paths below which its pods mount something. */
  readonly mountedBelow?: readonly string[];
  /** Those of the paths, of any component, that k0s makes where no pod runs, too. */
  readonly withoutPods?: readonly string[];
  /** Directories that others use, too, inner ones first: deleted when nothing is left in them. */
  readonly sharedDirectories?: readonly string[];
  /** Those of them that hold sockets of its processes: one that nobody listens on is left over. */
  readonly socketDirectories?: readonly string[];
  /** Names of network devices that nobody else gives. */
  readonly links?: RegExp;
  /** Names of chains of iptables that nobody else gives. */
  readonly chains?: RegExp;
  /** Names of sets of addresses that nobody else gives. */
  readonly sets?: RegExp;
  /** Rules in the chains of others, besides those that go to its chains or ask its sets. */
  readonly rules?: RegExp;
  /** Tables of nftables that belong to nobody else. */
  readonly tables?: readonly string[];
  /** The number that it marks its routes with. */
  readonly routeProtocol?: string;
  readonly routingTables?: RoutingTables;
  /** The name in its CNI configuration: portmap and others put it into their rules and notes. */
  readonly cniNetwork?: string;
}

/** Tables of policy routing that others may have chosen too: its own only where the link or the file is. */
export interface RoutingTables {
  readonly names: readonly string[];
  /** What its rules that lead there look like, as `ip rule show` has them; without it, all of them are its own. */
  readonly rule?: RegExp;
  /**
   * Begins of routes in a table that such a rule leads to which go with it, e.g. `throw`: those that no link takes along when it
   * goes. Without it none.
   */
  readonly routeTypes?: readonly string[];
  readonly provedBy: { readonly link: string; readonly file: string };
}
