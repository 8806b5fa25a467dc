// GRUB for a BIOS, written as its own grub-bios-setup does it: the first sector of the disk loads the first sector of the
// core, which loads the rest of it. Offsets: grub-core/boot/i386/pc of GRUB 2.06, include/grub/i386/pc/boot.h.

import { type Range, sectorBytes } from "./disk-layout.ts";

/** From here on the first sector is the partition table's. */
const codeBytes = 440;
const coreSectorField = 0x5c;
const driveCheckField = 0x66;
/** Of the core's first sector: where the rest of it is, how many sectors, which segment of memory it goes to. */
const restField = sectorBytes - 12;
const restSegment = 0x820;

export interface BiosLoader {
  /** Of the disk's first sector: what comes before the table. */
  readonly first: Uint8Array;
  readonly core: Uint8Array;
}

/** `boot`: GRUB's boot.img; `core`: what grub-mkimage has made. Throws when the core does not fit into its partition. */
export function biosLoader(boot: Uint8Array, core: Uint8Array, range: Range): BiosLoader {
  const sectors = Math.ceil(core.length / sectorBytes);
  if (sectors > range.sectors)
    throw new Error(`GRUB's core has ${sectors} sectors, and ${range.sectors} are free`);
  const first = Buffer.from(boot.subarray(0, codeBytes));
  first.writeBigUInt64LE(BigInt(range.start), coreSectorField);
  // A BIOS that names the disk wrongly is not asked: two instructions that do nothing instead of the jump.
  first.fill(0x90, driveCheckField, driveCheckField + 2);
  const placed = Buffer.alloc(sectors * sectorBytes);
  placed.set(core);
  placed.writeBigUInt64LE(BigInt(range.start + 1), restField);
  placed.writeUInt16LE(sectors - 1, restField + 8);
  placed.writeUInt16LE(restSegment, restField + 10);
  return { first, core: placed };
}
