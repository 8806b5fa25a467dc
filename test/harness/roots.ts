// Root file systems that a test machine can have.

import { ensureBusyboxRoot } from "../../build/base-root/busybox-root.ts";
import {
  ensureDatabaseRoot,
  ensureDebianRoot,
  ensureFirewallRoot,
  ensureServiceRoot,
} from "../../build/base-root/debian-root.ts";
import type { MachineRoot } from "../../src/sandbox/machine-spec.ts";

/** `host` is this machine's own system, `busybox` has no C library, `database` has PostgreSQL and MariaDB, `services` has service managers, `firewalls` firewalld and ufw. */
export type RootName = "debian" | "busybox" | "database" | "services" | "firewalls" | "host";

export async function testRoot(name: RootName): Promise<MachineRoot> {
  if (name === "host") return { kind: "host" };
  const report = (line: string): void => console.error(line);
  if (name === "database") return { kind: "directory", path: await ensureDatabaseRoot(report) };
  if (name === "services") return { kind: "directory", path: await ensureServiceRoot(report) };
  if (name === "firewalls") return { kind: "directory", path: await ensureFirewallRoot(report) };
  const debian = await ensureDebianRoot(report);
  return { kind: "directory", path: name === "debian" ? debian : await ensureBusyboxRoot(debian) };
}
