import { expect, test } from "bun:test";
import { parseCapture } from "./capture.ts";

function udpFrame(payload: string): Buffer {
  const ethernet = Buffer.from("5254000000025254000000010800", "hex");
  const ip = Buffer.from("4500000000000000401100000ac800020ac80003", "hex");
  const udp = Buffer.from("d43112b500000000", "hex");
  return Buffer.concat([ethernet, ip, udp, Buffer.from(payload)]);
}

function capture(frames: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  const records = frames.flatMap((frame) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return [record, frame];
  });
  return Buffer.concat([header, ...records]);
}

test("packets have their way and what they carry", () => {
  const file = capture([udpFrame("secret"), Buffer.alloc(60)]);
  expect(parseCapture(file).map(({ way, port, payload }) => [way, port, payload.toString()])).toEqual([
    ["udp 10.200.0.2:54321 → 10.200.0.3:4789", 4789, "secret"],
    ["not IPv4", undefined, ""],
  ]);
});

test("a packet that is still written is left out", () => {
  const file = capture([udpFrame("one"), udpFrame("two")]);
  expect(parseCapture(file.subarray(0, file.length - 1))).toHaveLength(1);
  expect(parseCapture(Buffer.alloc(0))).toEqual([]);
});
