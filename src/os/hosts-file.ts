// /etc/hosts of a host that has none, e.g. one of busybox alone: the container runtime copies it into every pod of the
// host's network, and our own kubeconfigs say `localhost`. Upstream requires the host to have it, reference §14.9.

import { statIfExists, writeFileAtomic } from "./files.ts";

export const hostsFile = "/etc/hosts";

export const ownHostsFile = `# Written by k0s: there was no ${hostsFile}.
127.0.0.1 localhost
::1 localhost
`;

/** Writes one where none is; tells whether it did. */
export async function ensureHostsFile(path: string = hostsFile): Promise<boolean> {
  if ((await statIfExists(path)) !== undefined) return false;
  await writeFileAtomic(path, ownHostsFile, { mode: 0o644 });
  return true;
}
