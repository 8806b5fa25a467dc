// Where a Go program has what it knows of its functions, for stack traces and the garbage collector: 40 % of the program,
// compressed and not. Two tables of it compress to half when what is alike lies together. The format is that of
// runtime.pcHeader; a program whose tables look otherwise is packed as it is.

import type { FileHandle } from "node:fs/promises";

export interface Range {
  readonly start: number;
  readonly end: number;
}

interface GoTables {
  /** Line numbers, sizes of stack frames and the like by instruction: pairs of small numbers. */
  readonly pcTables: Range;
  /** Addresses of all functions, then a record for each, then what they point to. */
  readonly functions: Range;
  readonly functionCount: number;
}

const elfMagic = 0x464c457f;
const elfHeaderBytes = 64;
const sectionName = ".gopclntab";
/** Since Go 1.20. */
const tableMagic = 0xfffffff1;
const headerBytes = 72;
/** Before the first table is one byte, so that no table begins at 0. */
const bytesBeforeTables = 1;

/** Places in the file; undefined for what is not a program of Go's linker. */
export async function findGoTables(file: FileHandle): Promise<GoTables | undefined> {
  const section = await findSection(file);
  if (section === undefined) return undefined;
  const header = await readAt(file, section.start, headerBytes);
  if (header.length < headerBytes || header.readUInt32LE(0) !== tableMagic) return undefined;
  const word = (index: number): number => Number(header.readBigUInt64LE(8 + 8 * index));
  const [functionCount, pcTables, functions] = [word(0), word(6), word(7)];
  const size = section.end - section.start;
  const ordered =
    headerBytes <= pcTables && pcTables < functions && functions + 8 * functionCount + 4 <= size;
  if (!ordered) return undefined;
  return {
    pcTables: { start: section.start + pcTables + bytesBeforeTables, end: section.start + functions },
    functions: { start: section.start + functions, end: section.end },
    functionCount,
  };
}

async function findSection(file: FileHandle): Promise<Range | undefined> {
  const header = await readAt(file, 0, elfHeaderBytes);
  if (header.length < elfHeaderBytes || header.readUInt32LE(0) !== elfMagic) return undefined;
  const size = header.readUInt16LE(58);
  const table = await readAt(file, Number(header.readBigUInt64LE(40)), size * header.readUInt16LE(60));
  const place = (index: number): Range | undefined => {
    const at = index * size;
    if (at + size > table.length) return undefined;
    const start = Number(table.readBigUInt64LE(at + 24));
    return { start, end: start + Number(table.readBigUInt64LE(at + 32)) };
  };
  const strings = place(header.readUInt16LE(62));
  if (strings === undefined) return undefined;
  const names = await readAt(file, strings.start, strings.end - strings.start);
  for (let index = 0; index * size < table.length; index++) {
    const name = table.readUInt32LE(index * size);
    if (names.toString("latin1", name, names.indexOf(0, name)) === sectionName) return place(index);
  }
  return undefined;
}

/** Fewer bytes where the file ends before. */
export async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
