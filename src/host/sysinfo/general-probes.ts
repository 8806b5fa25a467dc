// Memory, disks, name resolution. Upstream: internal/pkg/sysinfo/probes.

import { dirname, resolve } from "node:path";
import { hostsFile } from "../../os/hosts-file.ts";
import { mountHolding } from "../../os/mounts.ts";
import { formatBytes } from "../../std/bytes.ts";
import { pass, reject, warn, type Probe } from "./probe.ts";
import type { ProbeHost } from "./probe-host.ts";

const MiB = 1024 * 1024;

export interface Roles {
  readonly controller: boolean;
  readonly worker: boolean;
}

export function memoryProbe({ controller }: Roles): Probe {
  const wanted = controller ? 1024 * MiB : 500 * MiB;
  return {
    id: "memory",
    displayName: "Total memory",
    check: async ({ memoryBytes }) => {
      const prop = formatBytes(memoryBytes);
      return memoryBytes >= wanted ? pass(prop) : warn(prop, `${formatBytes(wanted)} recommended`);
    },
  };
}

export function diskProbes(dir: string, roles: Roles): Probe[] {
  const wanted = (roles.controller ? 500 * MiB : 0) + (roles.worker ? 1300 * MiB : 0);
  const probes: Probe[] = [
    {
      id: `filesystem:${dir}`,
      displayName: `File system of ${dir}`,
      check: async (host) => {
        const type = await fileSystemType(host, await existingParent(host, dir));
        return type === undefined ? warn("unknown") : pass(type);
      },
    },
    {
      id: `disk:${dir}`,
      displayName: `Disk space available for ${dir}`,
      check: async (host) => {
        const { free } = await host.space(await existingParent(host, dir));
        return free >= wanted
          ? pass(formatBytes(free))
          : warn(formatBytes(free), `${formatBytes(wanted)} recommended`);
      },
    },
  ];
  if (!roles.worker) return probes;
  const percent = 15;
  const relative: Probe = {
    id: `reldisk:${dir}`,
    displayName: `Relative disk space available for ${dir}`,
    check: async (host) => {
      const { free, total } = await host.space(await existingParent(host, dir));
      const share = total === 0 ? 0 : Math.floor((100 * free) / total);
      return share >= percent ? pass(`${share}%`) : warn(`${share}%`, `${percent}% recommended`);
    },
  };
  return [...probes, relative];
}

export const nameResolutionProbe: Probe = {
  id: "nameResolution:localhost",
  displayName: "Name resolution: localhost",
  check: async (host) => {
    if (!(await host.exists(hostsFile))) return warn("", `k0s will write ${hostsFile} when it starts`);
    const addresses = await host.resolve("localhost");
    if (addresses.length === 0) throw new Error("no addresses found for localhost");
    const found = `[${addresses.join(" ")}]`;
    // One is enough: programs try all addresses of a name.
    if (addresses.some((address) => host.addresses().some((own) => reaches(own, address))))
      return pass(found);
    return reject(found, `no interface of this host has it; put "127.0.0.1 localhost" into ${hostsFile}`);
  },
};

/** The kernel takes the whole of 127.0.0.0/8 for its own. */
function reaches(own: string, address: string): boolean {
  return own === address || (own.startsWith("127.") && address.startsWith("127."));
}

/** The directory itself or the nearest parent that exists. */
async function existingParent(host: ProbeHost, dir: string): Promise<string> {
  let at = resolve(dir);
  while (at !== "/" && !(await host.exists(at))) at = dirname(at);
  return at;
}

async function fileSystemType(host: ProbeHost, path: string): Promise<string | undefined> {
  const type = mountHolding(await host.mounts(), path)?.type;
  return type === undefined || type === "" ? undefined : type;
}
