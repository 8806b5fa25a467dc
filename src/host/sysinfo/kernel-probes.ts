// One probe for each kernel option.

import { type KernelConfig, readKernelConfig } from "./kernel-config.ts";
import { informativeOptions, netOption, workerOptions, type OptionNode } from "./kernel-options.ts";
import type { Roles } from "./general-probes.ts";
import { pass, reject, warn, type Outcome, type Probe } from "./probe.ts";
import type { ProbeHost } from "./probe-host.ts";

/** `informative`: also those that only the command line shows. */
export async function kernelProbes(
  host: ProbeHost,
  roles: Roles,
  { informative }: { informative: boolean },
): Promise<Probe[]> {
  const config = await readKernelConfig(host);
  const needed = roles.worker ? workerOptions : [netOption];
  return [...needed, ...(informative ? informativeOptions : [])].map((option) => optionProbe(option, config));
}

function optionProbe(option: OptionNode, config: KernelConfig | undefined): Probe {
  return {
    id: `kernelConfig:${option.name}`,
    displayName: `CONFIG_${option.name}: ${option.text}`,
    check: async () => optionOutcome(option, config),
    children: option.children.map((child) => optionProbe(child, config)),
  };
}

export function optionOutcome(
  { name, instead = [], required }: OptionNode,
  config: KernelConfig | undefined,
): Outcome {
  if (config === undefined) return warn("unknown", "no kernel configuration found");
  const own = config.get(name);
  if (own !== undefined) return pass(own);
  for (const other of instead) {
    const state = config.get(other);
    if (state !== undefined) return pass(`${state} (as CONFIG_${other})`);
  }
  return required ? reject("left out") : warn("left out");
}
