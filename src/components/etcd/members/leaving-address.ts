// How `k0s etcd leave` is told of another member than this host's own: by the address at which the others reach it.

import { joinHostPort, withoutBrackets } from "../../../std/ip.ts";

/** What `--peer-address` takes for a member; undefined for one with another port, which it cannot name. */
export function leavingAddress(peerUrls: readonly string[]): string | undefined {
  return peerUrls
    .map((url) => withoutBrackets(new URL(url).hostname))
    .find((host) => peerUrls.includes(`https://${joinHostPort(host, 2380)}`));
}
