// Links, addresses and routes by rtnetlink, so that a sandbox needs no `ip` on the host. Formats: rtnetlink(7).

import { closeSync } from "node:fs";
import { getSystemErrorName } from "node:util";
import type { Libc } from "./libc.ts";

interface VethPair {
  readonly name: string;
  readonly master: string;
  readonly peerName: string;
  /** Descriptor of the network namespace that the peer goes to. */
  readonly peerNamespace: number;
}

export interface Route {
  /** IPv4 network, e.g. `10.96.0.0/12`. */
  readonly destination: string;
  readonly gateway?: string;
  readonly link: string;
}

/** Changes to one network namespace: the one the calling thread was in when the handle was opened. */
export interface Netlink {
  addBridge(name: string): void;
  /** Both ends belong to the handle's namespace at first; `name` is put on the bridge and up. */
  addVeth(pair: VethPair): void;
  /** Of a pair, both ends go. Nothing happens if there is no such link. */
  removeLink(name: string): void;
  setUp(name: string): void;
  addAddress(link: string, cidr: string): void;
  addRoute(route: Route): void;
  close(): void;
}

const type = { newLink: 16, removeLink: 17, newAddress: 20, newRoute: 24 } as const;
const request = 0x1 | 0x4; // NLM_F_REQUEST | NLM_F_ACK
const create = 0x400 | 0x200; // NLM_F_CREATE | NLM_F_EXCL
const up = 1;
const linkAttribute = { name: 3, master: 10, info: 18, namespaceFd: 28 } as const;
const linkInfo = { kind: 1, data: 2 } as const;
const vethPeer = 1;

export function openNetlink(libc: Libc): Netlink {
  const fd = libc.netlinkSocket();
  let sequence = 0;

  const call = (messageType: number, flags: number, body: Buffer, subject: string, accepted = ""): void => {
    sequence += 1;
    const header = Buffer.alloc(16);
    header.writeUInt32LE(16 + body.length, 0);
    header.writeUInt16LE(messageType, 4);
    header.writeUInt16LE(request | flags, 6);
    header.writeUInt32LE(sequence, 8);
    libc.send(fd, Buffer.concat([header, body]));
    const answer = Buffer.from(libc.receive(fd, 8192));
    const error = answer.length < 20 ? 0 : answer.readInt32LE(16);
    if (error !== 0 && getSystemErrorName(error) !== accepted)
      throw new Error(`${subject}: ${getSystemErrorName(error)}`);
  };

  return {
    addBridge: (name) =>
      call(
        type.newLink,
        create,
        Buffer.concat([
          linkMessage({ index: 0, up: true }),
          attribute(linkAttribute.name, cString(name)),
          attribute(linkAttribute.info, attribute(linkInfo.kind, cString("bridge"))),
        ]),
        `add bridge ${name}`,
      ),
    addVeth: ({ name, master, peerName, peerNamespace }) => {
      const peer = Buffer.concat([
        linkMessage({ index: 0, up: false }),
        attribute(linkAttribute.name, cString(peerName)),
        attribute(linkAttribute.namespaceFd, u32(peerNamespace)),
      ]);
      const info = Buffer.concat([
        attribute(linkInfo.kind, cString("veth")),
        attribute(linkInfo.data, attribute(vethPeer, peer)),
      ]);
      const body = Buffer.concat([
        linkMessage({ index: 0, up: true }),
        attribute(linkAttribute.name, cString(name)),
        attribute(linkAttribute.master, u32(libc.interfaceIndex(master))),
        attribute(linkAttribute.info, info),
      ]);
      call(type.newLink, create, body, `add veth ${name}`);
    },
    removeLink: (name) =>
      call(
        type.removeLink,
        0,
        Buffer.concat([linkMessage({ index: 0, up: false }), attribute(linkAttribute.name, cString(name))]),
        `remove ${name}`,
        "ENODEV",
      ),
    setUp: (name) =>
      call(type.newLink, 0, linkMessage({ index: libc.interfaceIndex(name), up: true }), `set ${name} up`),
    addAddress: (link, cidr) => {
      const { address, prefix } = parseCidr4(cidr);
      const message = Buffer.alloc(8);
      message.writeUInt8(2, 0); // AF_INET
      message.writeUInt8(prefix, 1);
      message.writeUInt32LE(libc.interfaceIndex(link), 4);
      call(
        type.newAddress,
        create,
        Buffer.concat([message, attribute(2, address), attribute(1, address)]),
        `add ${cidr} to ${link}`,
      );
    },
    addRoute: ({ destination, gateway, link }) => {
      const { address, prefix } = parseCidr4(destination);
      const message = Buffer.alloc(12);
      message.writeUInt8(2, 0); // AF_INET
      message.writeUInt8(prefix, 1);
      message.writeUInt8(254, 4); // main table
      message.writeUInt8(4, 5); // RTPROT_STATIC
      message.writeUInt8(gateway === undefined ? 253 : 0, 6); // link or universe
      message.writeUInt8(1, 7); // unicast
      const body = Buffer.concat([
        message,
        ...(prefix === 0 ? [] : [attribute(1, address)]),
        ...(gateway === undefined ? [] : [attribute(5, parseCidr4(`${gateway}/32`).address)]),
        attribute(4, u32(libc.interfaceIndex(link))),
      ]);
      call(type.newRoute, create, body, `add route ${destination}`);
    },
    close: () => closeSync(fd),
  };
}

function linkMessage(options: { index: number; up: boolean }): Buffer {
  const message = Buffer.alloc(16);
  message.writeInt32LE(options.index, 4);
  message.writeUInt32LE(options.up ? up : 0, 8);
  message.writeUInt32LE(options.up ? up : 0, 12);
  return message;
}

/** Length, type, value, padded to four bytes. */
function attribute(kind: number, value: Buffer): Buffer {
  const length = 4 + value.length;
  const bytes = Buffer.alloc((length + 3) & ~3);
  bytes.writeUInt16LE(length, 0);
  bytes.writeUInt16LE(kind, 2);
  value.copy(bytes, 4);
  return bytes;
}

function parseCidr4(cidr: string): { address: Buffer; prefix: number } {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr);
  if (match === null) throw new Error(`not an IPv4 network: ${cidr}`);
  return { address: Buffer.from(match.slice(1, 5).map(Number)), prefix: Number(match[5]) };
}

function cString(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value, 0);
  return bytes;
}
