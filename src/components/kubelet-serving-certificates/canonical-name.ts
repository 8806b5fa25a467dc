// Names and addresses of servers in the one form in which they can be compared: two spellings that a TLS client takes for the
// same are the same here.

import { isIp, normalizeIp } from "../../std/ip.ts";

/** Addresses in their shortest form, IPv4 within IPv6 as IPv4; DNS names in lower case, without the final dot. */
export function canonicalName(name: string): string {
  if (isIp(name)) return plainAddress(normalizeIp(name));
  return name.toLowerCase().replace(/\.$/, "");
}

/** A DNS name that is neither a wildcard nor an address in disguise. */
export function isHostName(name: string): boolean {
  return name.length <= 253 && !/^\d+(?:\.\d+)+$/.test(name) && name.split(".").every(isLabel);
}

function isLabel(text: string): boolean {
  return /^[a-zA-Z0-9_](?:[a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?$/.test(text);
}

/** Go compares `::ffff:192.0.2.1` and `192.0.2.1` as equal. */
function plainAddress(address: string): string {
  const words = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address);
  if (words === null) return address.replace(/^::ffff:(?=\d+\.)/, "");
  const bytes = words
    .slice(1)
    .flatMap((word) => [Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 0xff]);
  return bytes.join(".");
}
