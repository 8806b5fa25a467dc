// `k0s airgap list-images`. Upstream: cmd/airgap/listimages.go, pkg/airgap/images.go.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import { windowsImageKeysFor } from "../../components/windows-node/images.ts";
import { imageKeys, imageUri, windowsImageKeys } from "../../config/images.ts";
import { type Platform, platformText } from "../../oci/platform.ts";
import { controllerRole } from "../../roles/controller.ts";
import { imageKeysOf } from "../../roles/folds/images.ts";
import { workerRole } from "../../roles/worker.ts";
import { UserError } from "../../std/errors.ts";
import type { CliIo } from "../core/io.ts";
import { livePaths } from "../core/live-paths.ts";
import { nodeConfig } from "../core/node-config.ts";

interface ListImagesFlags {
  readonly dataDir: string;
  readonly statusSocket: string;
  readonly config: string;
  readonly all: boolean;
  readonly platform: readonly Platform[];
}

export async function listImages(
  flags: ListImagesFlags,
  io: Pick<CliIo, "out" | "readInput" | "root">,
): Promise<void> {
  const { dataDir, statusSocket } = flags;
  for (const platform of flags.platform) refuseUnserved(platform);
  const paths = await livePaths({ dataDir, statusSocket }, io);
  const config = await nodeConfig(paths, flags.config === "" ? undefined : flags.config, io);
  for (const uri of neededImages(config, flags)) io.out(`${uri}\n`);
}

/** As the pods of the cluster name them. The same for each platform with Linux. */
function neededImages(
  config: ClusterConfig,
  { all, platform }: Pick<ListImagesFlags, "all" | "platform">,
): string[] {
  const { provider: networkProvider } = config.spec.network;
  const linux = () =>
    all ? imageKeys() : imageKeysOf([...controllerRole, ...workerRole], { networkProvider });
  const windows = () => (all ? windowsImageKeys() : windowsImageKeysFor(config));
  const keys = platform.flatMap(({ os }) => (os === "windows" ? windows() : linux()));
  return [...new Set(keys.map((key) => imageUri(config, key)))];
}

function refuseUnserved(platform: Platform): void {
  const { os, architecture } = platform;
  if (os === "linux" || (os === "windows" && architecture === "amd64")) return;
  throw new UserError(`no node runs on ${platformText(platform)}`, {
    code: "not-yet",
    hint: "There are images for Linux, and for windows/amd64.",
  });
}
