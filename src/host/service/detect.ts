// Which service manager this host has.

import { access, readFile } from "node:fs/promises";
import { findExecutable } from "../../os/find-executable.ts";
import { isNotFound } from "../../std/errors.ts";
import type { InitSystem } from "./definition.ts";
import { openRc } from "./openrc.ts";
import { runit } from "./runit.ts";
import { s6 } from "./s6.ts";
import { systemd } from "./systemd.ts";
import { sysV } from "./sysv.ts";

export interface HostFacts {
  /** Arguments of process 1. */
  readonly init: readonly string[];
  exists(path: string): Promise<boolean>;
  hasProgram(name: string): boolean;
}

export const thisHost = async (): Promise<HostFacts> => ({
  init: (await readFile("/proc/1/cmdline", "utf8")).split("\0").slice(0, -1),
  exists,
  hasProgram: (name) => findExecutable(name) !== undefined,
});

/** What s6-linux-init fills /run/service with at boot. */
const s6BootImage = "/etc/s6-linux-init/current/run-image/service";

/** Undefined where k0s knows none. systemd's test is sd_booted(3); OpenRC's directory is made by its first runlevel. */
export async function detectInitSystem(host: HostFacts): Promise<InitSystem | undefined> {
  const has = (...names: string[]): boolean => names.every((name) => host.hasProgram(name));
  // System V init writes its runlevel behind its name: `init [2]`.
  const first = host.init[0]?.split(" ")[0]?.split("/").at(-1) ?? "";
  if ((await host.exists("/run/systemd/system")) && has("systemctl")) return systemd;
  if ((await host.exists("/run/openrc")) && has("rc-service", "rc-update")) return openRc;
  if (["runit", "runit-init", "runsvdir"].includes(first) && has("sv")) {
    for (const scanned of ["/etc/service", "/var/service", "/service"])
      if (await host.exists(scanned)) return runit(scanned);
  }
  const scanned = host.init.slice(1).find((word) => word.startsWith("/"));
  if (first === "s6-svscan" && scanned !== undefined && has("s6-svc", "s6-svscanctl"))
    return s6(scanned, (await host.exists(s6BootImage)) ? s6BootImage : undefined);
  if (first === "init" && (await host.exists("/etc/init.d")) && (await host.exists("/etc/rc2.d")))
    return sysV;
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (err) {
    if (isNotFound(err)) return false;
    throw err;
  }
}
