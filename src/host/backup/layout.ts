// What a backup is named and what lies where in it: as upstream's, so that either k0s can read the other's.
// Upstream: pkg/backup/manager_unix.go.

/** What the archive says of itself; upstream's has none. */
export const noteName = "k0s-backup.json";
export const etcdSnapshotName = "etcd-snapshot.db";
export const sqliteName = "kine-state-backup.db";
export const configName = "k0s.yaml";
export const clusterFactsName = "cluster-facts.json";

/** Of the data directory, with all in them; `helmhome` is upstream's alone. */
export const savedDirectories = ["pki", "manifests", "images", "helmhome", "deployed"] as const;
/** Of the data directory. Upstream reads past them. */
export const savedFiles = ["cluster-config.yaml", clusterFactsName] as const;

/** Without these nothing else in an archive is worth anything: all else of `pki` is made of them. */
export function neededFiles({ etcd }: { readonly etcd: boolean }): readonly string[] {
  return ["pki/ca.crt", "pki/ca.key", "pki/sa.key", ...(etcd ? ["pki/etcd/ca.crt", "pki/etcd/ca.key"] : [])];
}

/** `k0s_backup_2026-11-27T04_05_06_000Z.tar.gz` */
export function backupName(now: Date): string {
  return `k0s_backup_${timeInName(now)}.tar.gz`;
}

/** Local time, and the end is always that, as upstream's. */
export function timeInName(now: Date): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join("_");
  return `${day}T${time}_000Z`;
}

/** The file that gets the configuration if nobody names one: `k0s_<time of the backup>.yaml`; `-` is standard output. */
export function restoredConfigName(archive: string): string {
  if (archive === "-") return "-";
  const [stem = ""] = (archive.split("/").at(-1) ?? "").split(".");
  return `k0s_${stem.replace(/^k0s_backup_/, "")}.yaml`;
}

/** Whether an entry of this path is one that a backup has. */
export function isSavedPath(path: string): boolean {
  const [top = "", ...below] = path.split("/");
  if ((savedDirectories as readonly string[]).includes(top)) return true;
  const files: readonly string[] = [noteName, etcdSnapshotName, sqliteName, configName, ...savedFiles];
  return below.length === 0 && files.includes(top);
}
