// Where things lie on the disk of an image: a table that both a BIOS and UEFI can start from. The system comes last, so
// that it can grow to the size of a machine's disk.

export const sectorBytes = 512;

/** A range of the disk, in sectors. */
export interface Range {
  readonly start: number;
  readonly sectors: number;
}

const mib = (count: number): number => (count * 1024 ** 2) / sectorBytes;

export const diskSectors = mib(2048);

/** Part of the loader, for a BIOS. */
export const biosRange: Range = { start: mib(1), sectors: mib(1) };
/** FAT, with the loader for UEFI and what a user gives the kernel. */
export const bootRange: Range = { start: mib(2), sectors: mib(64) };
/** The last MiB is the copy of the table. */
export const systemRange: Range = { start: mib(66), sectors: diskSectors - mib(67) };

/** Names of the file systems, by which loader and kernel find them. */
export const bootLabel = "K0S-BOOT";
export const systemLabel = "k0s-root";

/** GPT's names for what a partition is. */
const types = {
  system: "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
  bios: "21686148-6449-6E6F-744E-656564454649",
  boot: "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
} as const;

/** What sfdisk is told. Numbers as in Debian's own images: the system is the first. */
export function partitionTable(): string {
  const row = (number: number, { start, sectors }: Range, type: string): string =>
    `${number} : start=${start}, size=${sectors}, type=${type}`;
  return [
    "label: gpt",
    "unit: sectors",
    "",
    row(1, systemRange, types.system),
    row(14, biosRange, types.bios),
    row(15, bootRange, types.boot),
    "",
  ].join("\n");
}
