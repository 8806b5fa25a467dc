// Root file systems that a test machine can have.

import { ensureBusyboxRoot } from "../../build/base-root/busybox-root.ts";
import { ensureDebianRoot } from "../../build/base-root/debian-root.ts";
import type { MachineRoot } from "../../src/sandbox/machine-spec.ts";

/** `host` is this machine's own system, `busybox` has no C library. */
export type RootName = "debian" | "busybox" | "host";

export async function testRoot(name: RootName): Promise<MachineRoot> {
  if (name === "host") return { kind: "host" };
  const debian = await ensureDebianRoot((line) => console.error(line));
  return { kind: "directory", path: name === "debian" ? debian : await ensureBusyboxRoot(debian) };
}
