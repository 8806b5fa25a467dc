// kubelet's CPU and memory manager keep their decisions in files of its root directory, and kubelet ends at once when
// such a file is of another policy, or of other processors, than there are now. kubelet tells the administrator to
// remove the file. A worker profile is followed live, so all of its nodes would end at once: k0s removes the file
// itself.
// Upstream: k8s.io/kubernetes/pkg/kubelet/cm/cpumanager/policy_static.go (validateState),
// k8s.io/kubernetes/pkg/kubelet/cm/memorymanager/policy_static.go (validateState).

import { join } from "node:path";
import * as z from "zod";
import { readFileIfExists } from "../../os/files.ts";
import { removeFile } from "../../os/removal.ts";
import type { FlagMap } from "../../std/flags.ts";
import type { Logger } from "../../std/log.ts";
import { parsedJson } from "../../std/json.ts";

export interface ManagerPolicies {
  /** KubeletConfiguration of the worker profile. */
  readonly profile: Readonly<Record<string, unknown>>;
  readonly extraArgs: FlagMap;
}

interface Manager {
  readonly file: string;
  readonly field: string;
  readonly flag: string;
  /** kubelet's own. */
  readonly defaultPolicy: string;
}

const managers: readonly Manager[] = [
  {
    file: "cpu_manager_state",
    field: "cpuManagerPolicy",
    flag: "cpu-manager-policy",
    defaultPolicy: "none",
  },
  {
    file: "memory_manager_state",
    field: "memoryManagerPolicy",
    flag: "memory-manager-policy",
    defaultPolicy: "None",
  },
];

const stateSchema = z.object({
  policyName: z.string(),
  defaultCpuSet: z.string().optional(),
  entries: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});

/** Removes the files that would end the kubelet that is about to start. */
export async function dropStaleKubeletState(
  kubeletRootDir: string,
  policies: ManagerPolicies,
  log: Logger,
): Promise<void> {
  const online = (await readFileIfExists("/sys/devices/system/cpu/online"))?.trim() ?? "";
  for (const manager of managers) {
    const path = join(kubeletRootDir, manager.file);
    const text = await readFileIfExists(path);
    if (text === undefined) continue;
    const because = staleBecause(text, policyOf(manager, policies), online);
    if (because === undefined) continue;
    log.warn("Removing the state of a resource manager with which kubelet would not start", {
      component: "kubelet",
      file: path,
      because,
    });
    await removeFile(path);
  }
}

function policyOf({ field, flag, defaultPolicy }: Manager, { profile, extraArgs }: ManagerPolicies): string {
  const configured = extraArgs[flag] ?? profile[field];
  return typeof configured === "string" && configured !== "" ? configured : defaultPolicy;
}

/** Why kubelet would end over this file; undefined if it would not, or can say better what is wrong with it. */
export function staleBecause(text: string, policy: string, onlineCpus: string): string | undefined {
  const parsed = stateSchema.safeParse(parsedJson(text));
  if (!parsed.success) return undefined;
  const { policyName, defaultCpuSet, entries = {} } = parsed.data;
  if (policyName !== policy) return `the policy was ${policyName} and is ${policy} now`;
  if (policyName !== "static" || defaultCpuSet === undefined) return undefined;
  const assigned = Object.values(entries).flatMap((containers) => Object.values(containers));
  if (!assigned.every((cpus) => typeof cpus === "string")) return undefined;
  const known = new Set([defaultCpuSet, ...assigned].flatMap(cpusOf));
  const online = cpusOf(onlineCpus);
  if (online.length === 0 || (known.size === online.length && online.every((cpu) => known.has(cpu))))
    return undefined;
  return `it knows the processors ${listed([...known])}, and there are ${onlineCpus} now`;
}

/** `0-3,8` → 0, 1, 2, 3, 8 */
function cpusOf(list: string): number[] {
  return list
    .split(",")
    .filter((part) => part !== "")
    .flatMap((part) => {
      const [first = 0, last = first] = part.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

function listed(cpus: readonly number[]): string {
  return cpus.toSorted((a, b) => a - b).join(",");
}
