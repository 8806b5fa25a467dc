// What the defaults of a configuration depend on besides the schema.

export interface NodeDefaults {
  /** `--single`: kine with SQLite instead of etcd. */
  readonly single: boolean;
  readonly dataDir: string;
  /** The first public address of the host. */
  readonly publicAddress: string;
  /** The cluster exists, with networks that it cannot change: what was accepted when it began is not refused now. */
  readonly clusterExists?: boolean;
}
