// One probe for each kernel option.

import { type KernelConfig, readKernelConfig } from "./kernel-config.ts";
import { informativeOptions, netOption, workerOptions, type OptionNode } from "./kernel-options.ts";
import type { Roles } from "./roles.ts";
import { type Finding, found } from "./finding.ts";
import { kernelAtLeast } from "./kernel-release.ts";
import { pass, type Outcome, type Probe } from "./probe.ts";
import type { ProbeHost } from "./probe-host.ts";

export const kernelConfigUnknown: Finding = {
  category: "warning",
  message: "no kernel configuration found",
  why: "What the kernel lacks shows only when something needs it.",
  remedy: "`modprobe configs`, or the package of the kernel's headers, which has its configuration.",
};

export const optionNeeded: Finding = {
  category: "rejected",
  message: "",
  why: "Kubernetes, containerd or every network need it.",
  remedy: "Boot a kernel that has it: those of the distributions do.",
};

export const optionUseful: Finding = {
  category: "warning",
  message: "",
  why: "Some networks, modes of kube-proxy (IPVS) or limits of pods need it; without them k0s does not.",
  remedy: "Nothing, if none of them is used; else a kernel that has it.",
};

/** `informative`: also those that only the command line shows. */
export async function kernelProbes(
  host: ProbeHost,
  roles: Roles,
  { informative }: { informative: boolean },
): Promise<Probe[]> {
  const config = await readKernelConfig(host);
  // One word for all of them: which options they are says nothing about a host that tells none.
  if (config === undefined) return [configProbe];
  const needed = roles.worker ? workerOptions : [netOption];
  return [...needed, ...(informative ? informativeOptions : [])].map((option) =>
    optionProbe(option, config, host.kernelRelease),
  );
}

const configProbe: Probe = {
  id: "kernelConfig",
  displayName: "Kernel configuration",
  check: async () => found(kernelConfigUnknown, "unknown"),
  children: [],
};

function optionProbe(option: OptionNode, config: KernelConfig, release: string): Probe {
  return {
    id: `kernelConfig:${option.name}`,
    displayName: `CONFIG_${option.name}: ${option.text}`,
    check: async () => optionOutcome(option, config, release),
    children: option.children.map((child) => optionProbe(child, config, release)),
  };
}

export function optionOutcome(
  { name, instead = [], mergedInto, required }: OptionNode,
  config: KernelConfig,
  release: string,
): Outcome {
  const own = config.get(name);
  if (own !== undefined) return pass(own);
  for (const other of instead) {
    const state = config.get(other);
    if (state !== undefined) return pass(`${state} (as CONFIG_${other})`);
  }
  if (mergedInto !== undefined && kernelAtLeast(release, mergedInto.since) === true) {
    const state = config.get(mergedInto.option);
    if (state !== undefined) return pass(`${state} (as CONFIG_${mergedInto.option})`);
  }
  return found(required ? optionNeeded : optionUseful, "left out");
}
