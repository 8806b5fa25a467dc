// What mode ipvs asks of the kernel. kube-proxy loads only the first of these modules by itself, and its message about a kernel
// without them does not name them.

import { statIfExists } from "../../os/files.ts";
import { loadModule } from "../../os/kernel.ts";
import { errorMessage } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";

/** Schedulers that kube-proxy's own defaults need; services lie on an interface of the kind `dummy`. */
const modules = ["ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_sh", "dummy"] as const;

/** Left to itself this one makes a link `dummy0`, which nobody needs and which stays. */
const parameters: Readonly<Record<string, readonly string[]>> = { dummy: ["numdummies=0"] };

/** The module of the configured scheduler; the kernel calls them by its name. */
export function ipvsModules(scheduler: unknown): string[] {
  const own = typeof scheduler === "string" && scheduler !== "" ? [`ip_vs_${scheduler}`] : [];
  return [...new Set([...modules, ...own])];
}

/** Loads the modules, and tells whether the kernel has IPVS then: built in, it needs none of them. */
export async function loadIpvs(scheduler: unknown, log: Logger, signal: AbortSignal): Promise<boolean> {
  for (const module of ipvsModules(scheduler)) {
    try {
      await loadModule(module, signal, parameters[module]);
    } catch (err) {
      log.debug("Cannot load a kernel module", { module, err: errorMessage(err) });
    }
  }
  return (await statIfExists("/proc/net/ip_vs")) !== undefined;
}
