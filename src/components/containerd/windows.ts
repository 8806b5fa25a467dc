// containerd on Windows. Upstream: pkg/component/worker/containerd/configurer_windows.go.

import {
  windowsCniBinDir,
  windowsCniConfDir,
  windowsConfigDir,
  windowsContainerdConfig,
} from "../../product/windows-paths.ts";
import { joinPath } from "../../std/join-path.ts";
import { managedHeader, registriesToml, tomlString } from "./config-toml.ts";
import type { ContainerdHost, FoundSettings } from "./containerd-host.ts";
import { importedSettings } from "./imported-settings.ts";
import { setsUpRegistries } from "./registries.ts";

export const windowsContainerdHost: ContainerdHost = {
  configPath: windowsContainerdConfig,
  configDir: windowsConfigDir,
  cniConfDir: windowsCniConfDir,
  registriesDir: async (dropIns) =>
    (await importedSettings(dropIns)).some(setsUpRegistries)
      ? undefined
      : joinPath(windowsConfigDir, "certs.d"),
  config: windowsConfigToml,
  // runhcs, which comes with k0s, is all that containerd knows there.
  runtimes: () => [],
};

/** Its own defaults name the runtime for processes of Windows. */
export function windowsConfigToml({ pauseImage, registriesDir }: Omit<FoundSettings, "offered">): string {
  return `${managedHeader(joinPath(windowsConfigDir, "containerd.d", "*.toml"))}
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = ${tomlString(pauseImage)}
${registriesToml(registriesDir)}
[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = [${tomlString(windowsCniBinDir)}]
  conf_dir = ${tomlString(windowsCniConfDir)}
`;
}
