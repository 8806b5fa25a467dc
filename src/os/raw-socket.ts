// Raw IPv4 packets of one protocol on one interface, and whole Ethernet frames: what VRRP needs and neither Bun nor Node
// offers. Calls by FFI, waiting by the runtime's own asynchronous read.

import { closeSync, read } from "node:fs";
import { promisify } from "node:util";
import { errno } from "../std/errors.ts";
import { cString, lastErrno, libc, systemError } from "./libc.ts";

export interface RawSocketOptions {
  readonly protocol: number;
  readonly interface: string;
  /** Joined, so that packets to it are received. */
  readonly group?: string | undefined;
  /** Where packets come from; default: the interface's first address. */
  readonly source?: string | undefined;
}

export interface RawPacket {
  readonly source: string;
  readonly timeToLive: number;
  readonly data: Buffer;
}

export interface RawSocket {
  send(to: string, data: Uint8Array): void;
  /** The next packet; undefined when none came within a second. */
  receive(): Promise<RawPacket | undefined>;
  close(): void;
}

const family = { inet: 2, packet: 17 } as const;
const rawType = 3 | 0x8_0000; // SOCK_RAW | SOCK_CLOEXEC
const level = { ip: 0, socket: 1 } as const;
const option = {
  receiveTimeout: 20,
  bindToDevice: 25,
  timeToLive: 2,
  multicastInterface: 32,
  multicastTimeToLive: 33,
  multicastLoop: 34,
  joinGroup: 35,
} as const;

const readSome = promisify(read);

export function openRawSocket(options: RawSocketOptions): RawSocket {
  const fd = check(libc().socket(family.inet, rawType, options.protocol), "socket");
  const set = (where: number, what: number, value: Buffer): void =>
    void check(libc().setsockopt(fd, where, what, value, value.length), "setsockopt", options.interface);
  try {
    set(level.socket, option.bindToDevice, cString(options.interface));
    // A reader that is not ended would keep its thread.
    const second = Buffer.alloc(16);
    second.writeBigInt64LE(1n, 0);
    set(level.socket, option.receiveTimeout, second);
    set(level.ip, option.timeToLive, int32(255));
    if (options.source !== undefined) {
      const address = socketAddress(options.source);
      check(libc().bind(fd, address, address.length), "bind", options.source);
    }
    if (options.group !== undefined) {
      const request = Buffer.concat([
        ipv4(options.group),
        Buffer.alloc(4),
        int32(interfaceIndex(options.interface)),
      ]);
      set(level.ip, option.multicastInterface, request);
      set(level.ip, option.multicastTimeToLive, int32(255));
      set(level.ip, option.multicastLoop, int32(0));
      set(level.ip, option.joinGroup, request);
    }
  } catch (err) {
    closeSync(fd);
    throw err;
  }
  const buffer = Buffer.alloc(2048);
  return {
    send: (to, data) => {
      const address = socketAddress(to);
      check(libc().sendto(fd, data, data.length, 0, address, address.length), "sendto", to);
    },
    receive: async () => {
      try {
        const { bytesRead } = await readSome(fd, buffer, 0, buffer.length, null);
        return parsePacket(buffer.subarray(0, bytesRead));
      } catch (err) {
        if (errno(err) === "EAGAIN") return undefined;
        throw err;
      }
    },
    close: () => closeSync(fd),
  };
}

/** Sends frames, each complete with its Ethernet header, and forgets the socket. */
export function sendFrames(name: string, frames: readonly Uint8Array[]): void {
  const fd = check(libc().socket(family.packet, rawType, 0), "socket");
  try {
    const address = Buffer.alloc(20);
    address.writeUInt16LE(family.packet, 0);
    address.writeInt32LE(interfaceIndex(name), 4);
    address.writeUInt8(6, 11);
    for (const frame of frames)
      check(libc().sendto(fd, frame, frame.length, 0, address, address.length), "sendto", name);
  } finally {
    closeSync(fd);
  }
}

/** What a raw socket receives begins with the IPv4 header. */
function parsePacket(bytes: Buffer): RawPacket | undefined {
  const headerBytes = ((bytes[0] ?? 0) & 15) * 4;
  if (bytes.length < 20 || bytes.length < headerBytes) return undefined;
  return {
    source: bytes.subarray(12, 16).join("."),
    timeToLive: bytes.readUInt8(8),
    // The buffer is used again.
    data: Buffer.from(bytes.subarray(headerBytes)),
  };
}

function interfaceIndex(name: string): number {
  const index = libc().if_nametoindex(cString(name));
  if (index === 0) throw systemError("if_nametoindex", lastErrno(), name);
  return index;
}

function socketAddress(ip: string): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(family.inet, 0);
  ipv4(ip).copy(bytes, 4);
  return bytes;
}

function ipv4(text: string): Buffer {
  return Buffer.from(text.split(".").map(Number));
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function check(result: number | bigint, call: string, subject?: string): number {
  const value = Number(result);
  if (value < 0) throw systemError(call, lastErrno(), subject);
  return value;
}
