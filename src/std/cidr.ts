// Networks in CIDR notation: parsing as Go does, overlap, the nth address.

import { type IpFamily, ipFamily, ipToNumber, numberToIp } from "./ip.ts";

export interface Cidr {
  readonly family: IpFamily;
  /** Network address (host bits cleared). */
  readonly network: string;
  readonly prefix: number;
  /** First and last address as numbers. */
  readonly start: bigint;
  readonly end: bigint;
}

/** Parses `address/prefix`; host bits may be set, as Go allows. Throws on anything else. */
export function parseCidr(text: string): Cidr {
  const cidr = tryParseCidr(text);
  if (cidr === undefined) throw new Error(`invalid CIDR ${JSON.stringify(text)}; write e.g. 10.244.0.0/16`);
  return cidr;
}

/** Like parseCidr, undefined for anything that is not a CIDR. */
export function tryParseCidr(text: string): Cidr | undefined {
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text);
  if (match === null) return undefined;
  const [, address = "", prefixText = ""] = match;
  const family = ipFamily(address);
  if (family === undefined) return undefined;
  const bits = addressBits(family);
  const prefix = Number(prefixText);
  if (prefix > bits) return undefined;
  const size = 1n << BigInt(bits - prefix);
  const number = ipToNumber(address);
  const start = number - (number % size);
  return { family, network: numberToIp(start, family), prefix, start, end: start + size - 1n };
}

/** True if the two networks share an address. */
export function cidrsOverlap(a: string | Cidr, b: string | Cidr): boolean {
  const [left, right] = [asCidr(a), asCidr(b)];
  return left.family === right.family && left.start <= right.end && right.start <= left.end;
}

/** 4 or 6. Throws when `cidr` is not a network. */
export function cidrFamily(cidr: string): IpFamily {
  return parseCidr(cidr).family;
}

/** True if the address `ip` lies within `cidr`. */
export function contains(cidr: string | Cidr, ip: string): boolean {
  const { family, start, end } = asCidr(cidr);
  if (ipFamily(ip) !== family) return false;
  const number = ipToNumber(ip);
  return start <= number && number <= end;
}

/** Network address plus `n`. Throws a RangeError when that lies outside of the network. */
export function nthAddress(cidr: string | Cidr, n: number): string {
  const { family, start, end, network, prefix } = asCidr(cidr);
  const number = start + BigInt(n);
  if (n < 0 || number > end) throw new RangeError(`${network}/${prefix} has no address with index ${n}`);
  return numberToIp(number, family);
}

/** How many bits of an address are left for hosts. */
export function hostBits(cidr: string | Cidr): number {
  const { family, prefix } = asCidr(cidr);
  return addressBits(family) - prefix;
}

/** Canonical text: network address and prefix. */
export function formatCidr(cidr: string | Cidr): string {
  const { network, prefix } = asCidr(cidr);
  return `${network}/${prefix}`;
}

function addressBits(family: IpFamily): number {
  return family === 4 ? 32 : 128;
}

function asCidr(cidr: string | Cidr): Cidr {
  return typeof cidr === "string" ? parseCidr(cidr) : cidr;
}
