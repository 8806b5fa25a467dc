// All checks of a host for the roles it is to have.
// Upstream: internal/pkg/sysinfo/sysinfo.go, internal/pkg/sysinfo/host_linux.go.

import { cgroupsProbe } from "./cgroup-probes.ts";
import { containerdSnippetsProbe } from "./containerd-snippets.ts";
import { diskProbes, memoryProbe, nameResolutionProbe, type Roles } from "./general-probes.ts";
import { networkConfigurationProbe } from "./network-configuration.ts";
import { kernelProbes } from "./kernel-probes.ts";
import { linuxProbes } from "./linux-probes.ts";
import { pass, reject, runProbes, type Probe, type ProbeReport } from "./probe.ts";
import { thisHost, type ProbeHost } from "./probe-host.ts";

export interface SysinfoOptions extends Roles {
  readonly dataDir: string;
  /** Also checks that no start depends on. */
  readonly informative: boolean;
}

/** Runs every probe; `onReport` sees each result as it comes. */
export async function checkHost(
  options: SysinfoOptions,
  onReport: (report: ProbeReport) => void = () => undefined,
  host: ProbeHost = thisHost,
): Promise<readonly ProbeReport[]> {
  const reports: ProbeReport[] = [];
  await runProbes(hostProbes(options), host, (report) => {
    reports.push(report);
    onReport(report);
  });
  return reports;
}

function hostProbes(options: SysinfoOptions): Probe[] {
  return [
    memoryProbe(options),
    ...diskProbes(options.dataDir, options),
    nameResolutionProbe,
    ...(options.worker ? [containerdSnippetsProbe, networkConfigurationProbe] : []),
    {
      id: "os",
      displayName: "Operating system",
      check: async ({ platform }) =>
        platform === "linux" ? pass("Linux") : reject(platform, "unsupported operating system"),
      children: async (host) => {
        if (host.platform !== "linux") return [];
        const kernel = await kernelProbes(host, options, options);
        return [...linuxProbes(options), ...(options.worker ? [cgroupsProbe] : []), ...kernel];
      },
    },
  ];
}
