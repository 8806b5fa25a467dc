// All checks of a host for the roles it is to have.
// Upstream: internal/pkg/sysinfo/sysinfo.go, internal/pkg/sysinfo/host_linux.go.

import type { PortUse } from "../../os/ports.ts";
import { isLoopback } from "../../std/ip.ts";
import { cgroupsProbe } from "./cgroup-probes.ts";
import { clockProbe } from "./clock.ts";
import type { ClusterNetworks } from "./cluster-networks.ts";
import { type ConfigurationOfHost, configurationProbe } from "./configuration.ts";
import { containerdSnippetsProbe } from "./containerd-snippets.ts";
import { dataDirectoryProbes } from "./data-directory.ts";
import { type Finding, found } from "./finding.ts";
import type { WantedPort } from "./firewall/filter-chain.ts";
import { firewallProbe } from "./firewall/probes.ts";
import { hostNameProbe, hostNameResolutionProbe } from "./host-name.ts";
import { ipv6Probe } from "./ipv6.ts";
import { kernelProbes } from "./kernel-probes.ts";
import { leftoversProbe } from "./leftovers.ts";
import { lenient } from "./lenient.ts";
import { linuxProbes } from "./linux-probes.ts";
import { nameResolutionProbe } from "./localhost.ts";
import { freeMemoryProbe, memoryProbe } from "./memory.ts";
import { networkConfigurationProbe } from "./network-configuration.ts";
import { networkdProbe } from "./networkd.ts";
import { networkOverlapProbe } from "./network-overlap.ts";
import { portsProbe } from "./port-probes.ts";
import { pass, runProbes, type Probe, type ProbeReport } from "./probe.ts";
import type { ProbeHost } from "./probe-host.ts";
import { resolverProbe } from "./resolver.ts";
import type { Roles } from "./roles.ts";
import { runtimesProbe } from "./runtimes.ts";
import { swapProbe } from "./swap.ts";

export interface SysinfoOptions extends Roles {
  readonly dataDir: string;
  /** Those of the cluster, as far as this host knows them. */
  readonly networks: ClusterNetworks;
  /** What the node will be called if not as the host. */
  readonly nodeName?: string | undefined;
  /** What no start depends on, or a start looks at itself and with what it knows better. */
  readonly informative?: {
    readonly ports: readonly PortUse[];
    readonly configuration?: ConfigurationOfHost;
  };
}

export const notLinux: Finding = {
  category: "rejected",
  message: "unsupported operating system",
  why: "What k0s starts are programs for Linux.",
  remedy: "Use a machine, a virtual one or WSL 2 with Linux.",
};

/** Runs every probe; `onReport` sees each result as it comes. */
export async function checkHost(
  options: SysinfoOptions,
  host: ProbeHost,
  onReport: (report: ProbeReport) => void = () => undefined,
): Promise<readonly ProbeReport[]> {
  const reports: ProbeReport[] = [];
  await runProbes(hostProbes(options), host, (report) => {
    reports.push(report);
    onReport(report);
  });
  return reports;
}

function hostProbes(options: SysinfoOptions): Probe[] {
  const { dataDir, worker, informative } = options;
  return [
    memoryProbe(options),
    ...dataDirectoryProbes(dataDir, options, { informative: informative !== undefined }),
    nameResolutionProbe,
    ...(worker ? [containerdSnippetsProbe, networkConfigurationProbe] : []),
    {
      id: "os",
      displayName: "Operating system",
      check: async ({ platform }) => (platform === "linux" ? pass("Linux") : found(notLinux, platform)),
      children: async (host) => {
        if (host.platform !== "linux") return [];
        const kernel = await kernelProbes(host, options, { informative: informative !== undefined });
        return [
          ...linuxProbes(options, dataDir),
          ...(worker ? [cgroupsProbe] : []),
          ...kernel,
          ...surroundings(options).map(lenient),
        ];
      },
    },
  ];
}

/** What upstream does not look at, after all that it does. */
function surroundings(options: SysinfoOptions): Probe[] {
  const { worker, networks, informative, nodeName } = options;
  const ports = informative?.ports ?? [];
  return [
    clockProbe,
    hostNameProbe(nodeName),
    freeMemoryProbe(options),
    ...(worker ? [swapProbe, runtimesProbe] : []),
    networkOverlapProbe(networks),
    ...(worker ? [networkdProbe] : []),
    ipv6Probe(networks),
    ...(informative === undefined
      ? []
      : [configurationProbe(informative.configuration), hostNameResolutionProbe, portsProbe(ports)]),
    ...(worker && informative !== undefined ? [resolverProbe] : []),
    firewallProbe({ networks, worker, ports: reachedByOthers(ports) }),
    ...(worker ? [leftoversProbe(networks)] : []),
  ];
}

/** Ports on addresses of the host that other nodes connect to: the rest is for metrics and checks of health. */
function reachedByOthers(ports: readonly PortUse[]): readonly WantedPort[] {
  return ports
    .filter(({ address, process }) => !isLoopback(address ?? "") && process !== "kube-proxy")
    .map(({ port }) => ({ protocol: "tcp", port }));
}
