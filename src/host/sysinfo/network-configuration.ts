// A network configuration that somebody else left: containerd would take it before ours. docs/adr/0047.

import { cniConfDir } from "../../product/paths.ts";
import { strangersNetwork } from "../../status/problems/cni-config.ts";
import { type Finding, found } from "./finding.ts";
import { pass, type Probe } from "./probe.ts";
import type { ProbeHost } from "./probe-host.ts";

export const networkHidden: Finding = {
  category: "warning",
  message: "it hides the network that k0s installs",
  why: "containerd takes the first configuration by name, so pods would get the network of that file, or none.",
  remedy: "`mv {file} /root/`, unless spec.network.provider is custom.",
};

export const networkConfigurationProbe: Probe = {
  id: "cni:config",
  displayName: `Network configuration in ${cniConfDir}`,
  check: async (host) => {
    const files = await cniFiles(host);
    const stranger = strangersNetwork(files);
    if (stranger === undefined)
      return pass(files.length === 0 ? "none" : "nothing that hides the network of k0s");
    return found(networkHidden, `${stranger.path} (${stranger.types})`, { file: stranger.path });
  },
};

async function cniFiles(host: ProbeHost) {
  const names = (await host.list(cniConfDir)).filter((name) => /\.(conf|conflist|json)$/.test(name));
  return Promise.all(
    names.map(async (name) => ({ name, text: (await host.readText(`${cniConfDir}/${name}`)) ?? "" })),
  );
}
