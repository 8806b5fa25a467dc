// firewalld: which networks its zones trust, from their files. Pure but for the reading.

import { cidrsOverlap, parseCidr, tryParseCidr } from "../../../std/cidr.ts";
import type { ProbeHost } from "../probe-host.ts";
import { isPodLink } from "./pod-links.ts";

/** The operator's files take the place of those of the same name that came with the package. */
const directories = ["/usr/lib/firewalld/zones", "/etc/firewalld/zones"];

/** Those of the networks that no zone that accepts everything has among its sources; none if it has the link of the pods. */
export async function untrustedNetworks(
  host: ProbeHost,
  networks: readonly string[],
): Promise<readonly string[]> {
  const zones = new Map<string, string>();
  for (const dir of directories) {
    for (const name of await host.list(dir)) {
      const text = await host.readText(`${dir}/${name}`);
      if (text !== undefined) zones.set(name, text);
    }
  }
  const accepting = [...zones.values()].filter((zone) => /<zone\b[^>]*\btarget="ACCEPT"/.test(zone));
  const links = accepting.flatMap((zone) => named(zone, /<interface\b[^>]*\bname="([^"]+)"/g));
  if (links.some(isPodLink)) return [];
  const trusted = accepting.flatMap((zone) => named(zone, /<source\b[^>]*\baddress="([^"]+)"/g));
  return networks.filter((network) => !trusted.some((source) => holds(source, network)));
}

function named(zone: string, pattern: RegExp): readonly string[] {
  return [...zone.matchAll(pattern)].map((match) => match[1] ?? "");
}

function holds(source: string, network: string): boolean {
  const [outer, inner] = [tryParseCidr(source), parseCidr(network)];
  return outer !== undefined && cidrsOverlap(outer, inner) && outer.prefix <= inner.prefix;
}
