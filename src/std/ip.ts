// IP addresses as text and as numbers, with Go's idea of what is valid (no leading zeros, no zones).

import { isIPv4, isIPv6 } from "node:net";
import { parseIp, stringifyIp } from "ip-bigint";

export type IpFamily = 4 | 6;

/** 4, 6, or undefined when `text` is not an IP address. */
export function ipFamily(text: string): IpFamily | undefined {
  if (isIPv4(text)) return 4;
  return isIPv6(text) && !text.includes("%") ? 6 : undefined;
}

/** True for an IPv4 or IPv6 address without prefix and zone. */
export function isIp(text: string): boolean {
  return ipFamily(text) !== undefined;
}

/** True for `0.0.0.0`, `::` and other spellings of the any-address. */
export function isUnspecified(text: string): boolean {
  return isIp(text) && ipToNumber(text) === 0n;
}

/** Where a server of this host that listens on `address` is reached: the any-addresses stand for loopback. */
export function reachableAt(address: string): string {
  if (!isIp(address) || !isUnspecified(address)) return address;
  return address.includes(":") ? "::1" : "127.0.0.1";
}

/** True for an address at which a host reaches itself alone: 127.0.0.0/8, `::1` and 127.0.0.0/8 written as IPv6. */
export function isLoopback(text: string): boolean {
  const family = ipFamily(text);
  if (family === undefined) return false;
  const number = ipToNumber(text);
  if (family === 6 && number >> 32n !== 0xffffn) return number === 1n;
  return Number((number >> 24n) & 0xffn) === 127;
}

/** The address as a number. Throws when it is not an address. */
export function ipToNumber(text: string): bigint {
  if (!isIp(text)) throw new Error(`invalid IP address ${JSON.stringify(text)}`);
  return parseIp(text).number;
}

/** The shortest text form of an address. */
export function numberToIp(number: bigint, family: IpFamily): string {
  return stringifyIp({ number, version: family });
}

/** The shortest text form, so that two spellings of one address compare equal. */
export function normalizeIp(text: string): string {
  const family = ipFamily(text);
  return family === undefined ? text : numberToIp(ipToNumber(text), family);
}

/** The address in an URL's `[::1]`; anything else as it is. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

/** Of `host:port`, as `joinHostPort` makes it. */
export function splitHostPort(address: string): { readonly hostname: string; readonly port: number } {
  const { hostname, port } = new URL(`tcp://${address}`);
  return { hostname: withoutBrackets(hostname), port: Number(port) };
}

/** `host:port`, with brackets around an IPv6 address. */
export function joinHostPort(host: string, port: number | string): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
