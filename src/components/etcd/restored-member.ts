// What a restored member is made of, as our etcd takes it (upstream/etcd/main.go, etcdutl's snapshot.RestoreConfig).

/** More than any cluster writes between two backups; Kubernetes' own advice. */
export const revisionsAhead = 1_000_000_000;

export interface RestoredMember {
  readonly snapshot: string;
  /** Must not exist. */
  readonly dataDir: string;
  readonly name: string;
  readonly peerUrls: readonly string[];
}

/**
 * Alone in a cluster with an identity of its own, so that members of the former one can never talk to it. Revisions go on
 * far ahead and all before are compacted: what kubelets and controllers have seen since the backup must not look newer
 * than what is written from now on.
 */
export function restoreArguments({ snapshot, dataDir, name, peerUrls }: RestoredMember): readonly string[] {
  const config = {
    SnapshotPath: snapshot,
    OutputDataDir: dataDir,
    Name: name,
    PeerURLs: peerUrls,
    InitialCluster: peerUrls.map((url) => `${name}=${url}`).join(","),
    InitialClusterToken: crypto.randomUUID(),
    RevisionBump: revisionsAhead,
    MarkCompacted: true,
  };
  return ["k0s-restore-snapshot", JSON.stringify(config)];
}
