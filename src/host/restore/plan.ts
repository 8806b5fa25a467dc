// What a restore will do, or why it is refused: from what the archive holds and what is in the data directory already.

import { etcdMemberName, etcdPeerUrls } from "../../components/etcd/flags.ts";
import { sqliteFile } from "../../components/kine/flags.ts";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { isEtcdManaged } from "../../config/derived.ts";
import { UserError } from "../../std/errors.ts";
import { configName, etcdSnapshotName, neededFiles, sqliteName } from "../backup/layout.ts";
import type { InspectedArchive } from "./inspect-archive.ts";

export type RestoredDatastore =
  | { readonly kind: "etcd"; readonly name: string; readonly peerUrls: readonly string[] }
  | { readonly kind: "sqlite"; readonly file: string }
  /** A database elsewhere, which somebody has to restore with its own tools. */
  | { readonly kind: "elsewhere" };

/** Throws a UserError for an archive in which the parts of a controller are missing. */
export function assertComplete({ files }: Pick<InspectedArchive, "files">, shown: string): void {
  const needed = [configName, ...neededFiles({ etcd: files.has(etcdSnapshotName) })];
  const missing = needed.filter((name) => !files.has(name));
  if (missing.length === 0) return;
  throw new UserError(`${shown} is not a backup of a controller: ${missing.join(", ")} missing`, {
    code: "backup-incomplete",
    hint: "Nothing was written. A configuration that had another name than k0s.yaml can be renamed in the archive.",
  });
}

/** Which of the two copies is in it; the configuration need not say, as with --single. */
export function isSingleNodeBackup({ files }: Pick<InspectedArchive, "files">): boolean {
  return files.has(sqliteName);
}

/** Throws a UserError if the archive has another datastore than its configuration names. */
export function datastoreToRestore(
  { files }: Pick<InspectedArchive, "files">,
  config: ClusterConfig,
  node: { readonly dataDir: string; readonly name: string },
): RestoredDatastore {
  const { storage } = config.spec;
  const file = storage.type === "kine" ? sqliteFile(storage.kine.dataSource, node.dataDir) : undefined;
  const managed = isEtcdManaged(config);
  const [wanted, other] = managed ? [etcdSnapshotName, sqliteName] : [sqliteName, etcdSnapshotName];
  if ((managed || file !== undefined) && (!files.has(wanted) || files.has(other)))
    throw otherStore(wanted, storage.type);
  if (managed)
    return {
      kind: "etcd",
      name: etcdMemberName({ config, name: node.name }),
      peerUrls: etcdPeerUrls(config),
    };
  if (file !== undefined) return { kind: "sqlite", file };
  if (files.has(etcdSnapshotName) || files.has(sqliteName))
    throw otherStore("no copy of a datastore", storage.type);
  return { kind: "elsewhere" };
}

function otherStore(wanted: string, type: string): UserError {
  return new UserError(
    `the configuration in the archive keeps objects in ${type}, but the archive has not ${wanted} alone`,
    {
      code: "backup-incomplete",
      hint: "Nothing was written. Is the archive whole, and its k0s.yaml that of the time of the backup?",
    },
  );
}

export interface PresentData {
  /** Where objects are kept already, if anywhere. */
  readonly datastore: string | undefined;
  /** The certificate of the cluster's authority, if there is one. */
  readonly ca: string | undefined;
}

/** Throws a UserError if there is a cluster that the restore would destroy or mix with its own. */
export function assertNoOtherCluster(present: PresentData, ca: string | undefined, dataDir: string): void {
  const hint = `Nothing was written. \`k0s reset\` removes the cluster of this host; then restore again.`;
  if (present.datastore !== undefined)
    throw new UserError(`there are objects of a cluster in ${present.datastore}`, {
      code: "not-empty",
      hint,
    });
  if (present.ca !== undefined && present.ca.trim() !== ca?.trim())
    throw new UserError(`${dataDir}/pki is that of another cluster`, { code: "other-cluster", hint });
}
