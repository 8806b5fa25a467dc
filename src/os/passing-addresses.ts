// Addresses that will be gone: those of privacy extensions (RFC 8981), which change each day, and deprecated ones. They
// should not be advertised.

import { readFileSync } from "node:fs";
import { isNotFound } from "../std/errors.ts";
import { normalizeIp } from "../std/ip.ts";

/** Of IPv6; IPv4 has none. Normalised. */
export function passingAddresses(table: string = readTable()): ReadonlySet<string> {
  const passing = new Set<string>();
  for (const line of table.split("\n")) {
    const [address = "", , , , flags = ""] = line.trim().split(/\s+/);
    if ((Number.parseInt(flags, 16) & passingFlags) !== 0) passing.add(spelled(address));
  }
  return passing;
}

/** IFA_F_TEMPORARY, IFA_F_DADFAILED, IFA_F_DEPRECATED of linux/if_addr.h. */
const passingFlags = 0x01 | 0x08 | 0x20;

function readTable(): string {
  try {
    return readFileSync("/proc/net/if_inet6", "utf8");
  } catch (err) {
    // A kernel without IPv6.
    if (isNotFound(err)) return "";
    throw err;
  }
}

function spelled(hex: string): string {
  return normalizeIp(hex.match(/.{4}/g)?.join(":") ?? "");
}
