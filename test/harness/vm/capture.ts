// What a machine's network card has carried, from the file that qemu writes: https://www.tcpdump.org/manpages/pcap-savefile.5.txt

import { joinHostPort } from "../../../src/std/ip.ts";

export interface CapturedPacket {
  /** `udp 10.0.0.2:4789 → 10.0.0.3:4789`, or less of what is not known. */
  readonly way: string;
  /** Destination of UDP and TCP. */
  readonly port: number | undefined;
  /** The frame as it was on the wire. */
  readonly frame: Buffer;
  /** What UDP carries; empty for others. */
  readonly payload: Buffer;
}

const fileHeader = 24;
const packetHeader = 16;
const ethernetHeader = 14;

/** Packets in their order; the last one may still be written and is then left out. */
export function parseCapture(file: Buffer): CapturedPacket[] {
  if (file.length < fileHeader) return [];
  if (file.readUInt32LE(0) !== 0xa1b2c3d4) throw new Error("this is not a capture of this host's byte order");
  const packets: CapturedPacket[] = [];
  for (let at = fileHeader; at + packetHeader <= file.length;) {
    const length = file.readUInt32LE(at + 8);
    const begin = at + packetHeader;
    if (begin + length > file.length) break;
    packets.push(parseFrame(file.subarray(begin, begin + length)));
    at = begin + length;
  }
  return packets;
}

function parseFrame(frame: Buffer): CapturedPacket {
  const nothing = Buffer.alloc(0);
  const other = (way: string): CapturedPacket => ({ way, port: undefined, frame, payload: nothing });
  if (frame.length < ethernetHeader + 20 || frame.readUInt16BE(12) !== 0x0800) return other("not IPv4");
  const packet = frame.subarray(ethernetHeader);
  const protocol = packet[9] ?? 0;
  const [from, to] = [12, 16].map((at) => packet.subarray(at, at + 4).join("."));
  const name = { 1: "icmp", 4: "ipip", 6: "tcp", 17: "udp" }[protocol] ?? `protocol ${protocol}`;
  const inner = packet.subarray(((packet[0] ?? 0) & 15) * 4);
  // Only the first fragment has ports.
  const isFirst = (packet.readUInt16BE(6) & 0x1fff) === 0;
  if (from === undefined || to === undefined || !isFirst || !/tcp|udp/.test(name) || inner.length < 8)
    return other(`${name} ${from} → ${to}`);
  const [source, port] = [inner.readUInt16BE(0), inner.readUInt16BE(2)];
  return {
    way: `${name} ${joinHostPort(from, source)} → ${joinHostPort(to, port)}`,
    port,
    frame,
    payload: name === "udp" ? inner.subarray(8) : nothing,
  };
}
