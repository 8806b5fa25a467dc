// /etc/hosts of a host that has none, e.g. one of busybox alone: the container runtime copies it into every pod of the
// host's network, and our own kubeconfigs say `localhost`. Upstream requires the host to have it:
// docs/external-runtime-deps.md.

import type { Logger } from "../std/log.ts";
import { statIfExists, writeFileAtomic } from "./files.ts";

export const hostsFile = "/etc/hosts";

export const ownHostsFile = `# Written by k0s: there was no ${hostsFile}.
127.0.0.1 localhost
::1 localhost
`;

/** Writes one where there is none. */
export async function ensureHostsFile(log: Logger): Promise<void> {
  if ((await statIfExists(hostsFile)) !== undefined) return;
  await writeFileAtomic(hostsFile, ownHostsFile, { mode: 0o644 });
  log.info("Wrote a file of host names, for there was none", { path: hostsFile });
}
