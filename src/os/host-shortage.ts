// Whether it is this host's fault that no connection can be opened. The runtime cannot tell: it also says "connection
// refused" when there was no free file descriptor. So the first two calls of a connection are made again by hand.

import { closeSync } from "node:fs";
import { ipFamily, ipToNumber } from "../std/ip.ts";
import { lastErrno, libc } from "./libc.ts";

const family = { 4: 2, 6: 10 } as const;
/** SOCK_NONBLOCK | SOCK_CLOEXEC */
const flags = 0x800 | 0x8_0000;
const type = { stream: 1 | flags, datagram: 2 | flags } as const;
const addressNotAvailable = 99;

/** Errors of this host, not of the other end. */
const ownErrors: ReadonlyMap<number, string> = new Map([
  [12, "no memory for a connection (ENOMEM)"],
  [23, "this host has no free file descriptor (ENFILE)"],
  [24, "k0s has no free file descriptor (EMFILE)"],
  [addressNotAvailable, "no free local port for a connection (EADDRNOTAVAIL)"],
  [105, "no memory for a connection (ENOBUFS)"],
]);

/** Why this host cannot even begin a connection to `hostname` now; undefined when it can. A name is not looked up. */
export function ownConnectTrouble(hostname: string, port: number): string | undefined {
  const ip = ipFamily(hostname);
  const to = ip === undefined ? undefined : socketAddress(hostname, ip, port);
  const error = beginning(type.stream, family[ip ?? 4], to);
  // The same error means that no address of this host leads there, as without IPv6: that is not a shortage, and does
  // not pass. A datagram socket has ports of its own and needs the same address; nothing is sent.
  if (error === addressNotAvailable && beginning(type.datagram, family[ip ?? 4], to) !== 0) return undefined;
  return ownErrors.get(error);
}

/** The number of the error; 0 for none, or for one that comes later. */
function beginning(socketType: number, addressFamily: number, to: Buffer | undefined): number {
  const { socket, connect } = libc();
  const fd = socket(addressFamily, socketType, 0);
  if (fd < 0) return lastErrno();
  try {
    return to !== undefined && connect(fd, to, to.length) < 0 ? lastErrno() : 0;
  } finally {
    closeSync(fd);
  }
}

/** `struct sockaddr_in` or `sockaddr_in6`. */
function socketAddress(ip: string, version: 4 | 6, port: number): Buffer {
  const address = Buffer.alloc(version === 4 ? 16 : 28);
  address.writeUInt16LE(family[version], 0);
  address.writeUInt16BE(port, 2);
  const hex = ipToNumber(ip)
    .toString(16)
    .padStart(version === 4 ? 8 : 32, "0");
  address.write(hex, version === 4 ? 4 : 8, "hex");
  return address;
}
