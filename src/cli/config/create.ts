// `k0s config create`: the default configuration of this host. Upstream: cmd/config/create.go.

import { defaultDataDir } from "../../product/paths.ts";
import { defaultConfigYaml } from "../../config/print-config.ts";
import { publicAddress } from "../../os/addresses.ts";
import type { CliIo } from "../core/io.ts";

export async function configCreate(flags: { includeImages: boolean }, io: Pick<CliIo, "out">): Promise<void> {
  const defaults = { single: false, dataDir: defaultDataDir, publicAddress: publicAddress() };
  io.out(defaultConfigYaml(defaults, { includeImages: flags.includeImages }));
}
