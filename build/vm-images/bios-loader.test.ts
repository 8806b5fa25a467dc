import { expect, test } from "bun:test";
import { biosLoader } from "./bios-loader.ts";

const boot = new Uint8Array(512).fill(7);

test("each part knows where the next one is", () => {
  const core = new Uint8Array(1_300).fill(9);
  const { first, core: placed } = biosLoader(boot, core, { start: 2048, sectors: 4 });
  // The rest of the first sector belongs to the partition table.
  expect(first.length).toBe(440);
  expect(Buffer.from(first).readBigUInt64LE(0x5c)).toBe(2048n);
  expect([first[0x65], first[0x66], first[0x67], first[0x68]]).toEqual([7, 0x90, 0x90, 7]);
  expect(placed.length).toBe(3 * 512);
  const rest = Buffer.from(placed.subarray(500, 512));
  expect([rest.readBigUInt64LE(0), rest.readUInt16LE(8), rest.readUInt16LE(10)]).toEqual([2049n, 2, 0x820]);
  expect(placed[1_299]).toBe(9);
});

test("a core that is too large is not written over what follows", () => {
  expect(() => biosLoader(boot, new Uint8Array(1_025), { start: 2048, sectors: 2 })).toThrow(
    "3 sectors, and 2 are free",
  );
});
