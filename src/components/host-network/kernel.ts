// What a worker asks of the kernel before kubelet runs: modules and forwarding.
// Upstream: pkg/component/worker/kernelsetup_linux.go.

import type { Logger } from "../../std/log.ts";
import { errorMessage } from "../../std/errors.ts";

/** Effects, so that a test needs no kernel. */
export interface KernelAccess {
  /** Loads a module unless the kernel has it. */
  loadModule(name: string, signal: AbortSignal): Promise<void>;
  writeSysctl(name: string, value: string): Promise<void>;
  /** Undefined if the kernel has no such parameter. */
  readSysctl(name: string): Promise<string | undefined>;
  /** Names of the network interfaces that have IPv6 parameters, `default` among them. */
  ipv6Interfaces(): Promise<readonly string[]>;
}

export const kernelModules = ["overlay", "nf_conntrack", "br_netfilter", "ip_tables"] as const;

/** What kubelet wants, and sets by itself unless `protectKernelDefaults` says that it must find them. */
const kubeletSysctls: Readonly<Record<string, string>> = {
  "kernel.panic": "10",
  "kernel.panic_on_oops": "1",
  "vm.overcommit_memory": "1",
  "vm.panic_on_oom": "0",
  "kernel.keys.root_maxkeys": "1000000",
  "kernel.keys.root_maxbytes": "25000000",
};

export const workerSysctls: Readonly<Record<string, string>> = {
  "net.ipv4.conf.all.forwarding": "1",
  "net.ipv4.conf.default.forwarding": "1",
  "net.ipv6.conf.all.forwarding": "1",
  "net.ipv6.conf.default.forwarding": "1",
  "net.bridge.bridge-nf-call-iptables": "1",
  "net.bridge.bridge-nf-call-ip6tables": "1",
  ...kubeletSysctls,
};

/**
 * Limits that are raised when they are lower. All inotify users of uid 0 share them: with the kernel's 128 instances, a
 * kubelet or containerd beside other programs ends with "too many open files".
 */
export const workerSysctlFloors: Readonly<Record<string, number>> = {
  "fs.inotify.max_user_instances": 8192,
  "fs.inotify.max_user_watches": 524_288,
};

/**
 * What a node changes of the kernel's parameters. A reset names them with their values before, and leaves them: others may rely on them by then. docs/operations.md.
 */
export const changedSysctls: readonly string[] = [
  ...Object.keys(workerSysctls),
  ...Object.keys(workerSysctlFloors),
];

/** Failures are logged only: a kernel without modules has them built in or not at all, and kubelet will say what it misses. */
export async function prepareKernel(kernel: KernelAccess, log: Logger, signal: AbortSignal): Promise<void> {
  await Promise.all(
    kernelModules.map((name) =>
      kernel
        .loadModule(name, signal)
        .catch((err: unknown) =>
          log.debug("Cannot load a kernel module", { module: name, err: errorMessage(err) }),
        ),
    ),
  );
  await keepRouterAdvertisements(kernel, log);
  for (const [name, value] of Object.entries(workerSysctls)) await setSysctl(kernel, log, { name, value });
  for (const [name, floor] of Object.entries(workerSysctlFloors)) {
    const current = Number(await kernel.readSysctl(name));
    if (current < floor) await setSysctl(kernel, log, { name, value: String(floor) });
  }
}

/**
 * A kernel that forwards IPv6 takes itself for a router: it drops the default route that it has learnt from router
 * advertisements, and learns no other. Interfaces on which it listens to them go on doing so (`2`: even if forwarding).
 * One that forwards already was made a router by somebody else and stays as it is.
 */
async function keepRouterAdvertisements(kernel: KernelAccess, log: Logger): Promise<void> {
  for (const name of await kernel.ipv6Interfaces()) {
    // As sysctl(8) writes names: a dot of the interface's own is a slash.
    const parameters = `net.ipv6.conf.${name.replaceAll(".", "/")}`;
    const listens = (await kernel.readSysctl(`${parameters}.accept_ra`)) === "1";
    const forwards = (await kernel.readSysctl(`${parameters}.forwarding`)) === "1";
    if (name !== "lo" && listens && !forwards)
      await setSysctl(kernel, log, { name: `${parameters}.accept_ra`, value: "2" });
  }
}

async function setSysctl(
  kernel: KernelAccess,
  log: Logger,
  { name, value }: { readonly name: string; readonly value: string },
): Promise<void> {
  try {
    await kernel.writeSysctl(name, value);
  } catch (err) {
    log.debug("Cannot set a kernel parameter", { sysctl: name, err: errorMessage(err) });
  }
}
