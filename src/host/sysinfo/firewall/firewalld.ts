// firewalld: which networks its zones trust, from their files. Pure but for the reading.

import { cidrsOverlap, parseCidr, tryParseCidr } from "../../../std/cidr.ts";
import type { ProbeHost } from "../probe-host.ts";

/** The operator's files take the place of those of the same name that came with the package. */
const directories = ["/usr/lib/firewalld/zones", "/etc/firewalld/zones"];

/** Those of the networks that no zone that accepts everything has among its sources. */
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
  const trusted = [...zones.values()].flatMap(trustedSources);
  return networks.filter((network) => !trusted.some((source) => holds(source, network)));
}

/** From the text of a zone's file. */
export function trustedSources(zone: string): readonly string[] {
  if (!/<zone\b[^>]*\btarget="ACCEPT"/.test(zone)) return [];
  return [...zone.matchAll(/<source\b[^>]*\baddress="([^"]+)"/g)].map((match) => match[1] ?? "");
}

function holds(source: string, network: string): boolean {
  const [outer, inner] = [tryParseCidr(source), parseCidr(network)];
  return outer !== undefined && cidrsOverlap(outer, inner) && outer.prefix <= inner.prefix;
}
