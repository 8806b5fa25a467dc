// /etc/protocols of a host that has none, e.g. one of busybox alone. Without it `nft` prints numbers for the names of
// protocols: kube-proxy does not know its own elements again and deletes the Services that it has just kept. `ipset`
// does not even take the names. Upstream's image of kube-proxy brings the file.

import { errorMessage } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { readFileIfExists, writeFileAtomic } from "./files.ts";

export const protocolsFile = "/etc/protocols";

export const ownProtocolsFile = `# Written by k0s: there was no ${protocolsFile}.
ip 0 IP
icmp 1 ICMP
igmp 2 IGMP
ipencap 4 IP-ENCAP
tcp 6 TCP
udp 17 UDP
dccp 33 DCCP
ipv6 41 IPv6
gre 47 GRE
esp 50 IPSEC-ESP
ah 51 IPSEC-AH
ipv6-icmp 58 IPv6-ICMP
sctp 132 SCTP
udplite 136 UDPLite
`;

/** Whether a file of this text names the protocols of nearly all Services. */
export function namesProtocols(text: string): boolean {
  return /^tcp\s+6\b/m.test(text) && /^udp\s+17\b/m.test(text);
}

/** Writes one where there is none. Tells whether protocols have names on this host. */
export async function ensureProtocolsFile(log: Logger, path = protocolsFile): Promise<boolean> {
  const text = await readFileIfExists(path);
  if (text !== undefined) return namesProtocols(text);
  try {
    await writeFileAtomic(path, ownProtocolsFile, { mode: 0o644 });
  } catch (err) {
    log.warn("Cannot write a file of protocols, and there is none", { path, err: errorMessage(err) });
    return false;
  }
  log.info("Wrote a file of protocols, for there was none", { path });
  return true;
}
