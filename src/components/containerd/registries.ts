// Where containerd looks for the settings of registries: `<directory>/<host>/hosts.toml`, as soon as such a file is there.

import { join } from "node:path";
import { importedSettings } from "./imported-settings.ts";
import { at } from "./toml-value.ts";

/**
 * Whether a drop-in file, or one that it imports, sets up registries in containerd's older way (`mirrors`, `configs`), beside which a directory is
 * an error, or would end what they say. Such a cluster keeps what it has.
 */
export function setsUpRegistries(dropIn: unknown): boolean {
  const registry = at(dropIn, "plugins", "io.containerd.cri.v1.images", "registry");
  const older = at(dropIn, "plugins", "io.containerd.grpc.v1.cri", "registry");
  return ["mirrors", "configs", "auths"].some(
    (field) => at(registry, field) !== undefined || at(older, field) !== undefined,
  );
}

/**
 * Whether a drop-in file has CRI pull images itself, without containerd's transfer service: asked for, or because of a
 * setting that the service does not know. Only such pulls understand several directories.
 */
export function pullsLocally(dropIn: unknown): boolean {
  const images = at(dropIn, "plugins", "io.containerd.cri.v1.images");
  const older = at(dropIn, "plugins", "io.containerd.grpc.v1.cri");
  const downloads = (from: unknown): unknown => at(from, "max_concurrent_downloads") ?? usualDownloads;
  return (
    at(images, "use_local_image_pull") === true ||
    [images, older].some(
      (from) => downloads(from) !== usualDownloads || at(from, "image_pull_with_sync_fs") === true,
    ) ||
    [images, at(older, "containerd")].some(
      (from) =>
        at(from, "disable_snapshot_annotations") === false || at(from, "discard_unpacked_layers") === true,
    )
  );
}

const usualDownloads = 3;

/** Where containerd looks when nothing is set, if it pulls that way. */
const usualDirectories = ["/etc/containerd/certs.d", "/etc/docker/certs.d"];

/**
 * As `config_path`, with the directories that it would stand in for; undefined where the drop-in files have registries of
 * their own.
 */
export async function registriesDir(configDir: string, dropIns: string): Promise<string | undefined> {
  const settings = await importedSettings(dropIns);
  if (settings.some(setsUpRegistries)) return undefined;
  const usual = settings.some(pullsLocally) ? usualDirectories : [];
  return [join(configDir, "certs.d"), ...usual].join(":");
}
