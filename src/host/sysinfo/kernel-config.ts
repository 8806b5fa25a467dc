// The configuration that the running kernel was built with, wherever the distribution keeps it.
// Upstream: internal/pkg/sysinfo/probes/linux/kernel.go.

import type { ProbeHost } from "./probe-host.ts";

export type KernelOption = "built-in" | "module" | "left out";
/** Name without `CONFIG_` → state; an option that is not there is left out. */
export type KernelConfig = ReadonlyMap<string, KernelOption>;

/** Undefined when no configuration file is found. */
export async function readKernelConfig(host: ProbeHost): Promise<KernelConfig | undefined> {
  const compressed = await host.readGzip("/proc/config.gz");
  if (compressed !== undefined) return parseKernelConfig(compressed);
  for (const path of configFiles(host.kernelRelease)) {
    const text = await host.readText(path);
    if (text !== undefined) return parseKernelConfig(text);
  }
  return undefined;
}

function configFiles(release: string): string[] {
  return [
    `/boot/config-${release}`,
    `/usr/src/linux-${release}/.config`,
    "/usr/src/linux/.config",
    `/usr/lib/modules/${release}/config`,
    `/usr/lib/ostree-boot/config-${release}`,
    `/usr/lib/kernel/config-${release}`,
    `/usr/src/linux-headers-${release}/.config`,
    `/lib/modules/${release}/build/.config`,
  ];
}

export function parseKernelConfig(text: string): KernelConfig {
  const config = new Map<string, KernelOption>();
  for (const [, name = "", value] of text.matchAll(/^CONFIG_(\w+)=(.*)$/gm)) {
    if (value === "y") config.set(name, "built-in");
    if (value === "m") config.set(name, "module");
  }
  return config;
}
