// The functions of a Go program, as runtime.functab and runtime._func have them: each field becomes a column. A column that
// grows holds differences; one that points into another table holds how far it is beyond all before it, or, if it is not,
// the place itself. Put back by launcher/tables.go, which reads the columns in the order in which they are written here.

import { maxFormedBytes } from "../../src/payload/index-schema.ts";

interface FunctionFrame {
  readonly raw: Uint8Array;
  /** Counts of addresses and records; the columns. */
  readonly formed: Uint8Array;
}

/** Words of a record before those whose number it says. */
const fixedWords = 11;
/** The compiler writes the table of inlined calls last. */
const lastWritten = 2;
const mostWords = 16;
const headerBytes = 8;
const absent = 0xffff_ffff;
const known = 0x8000_0000;

/** Fields by their place among the fixed words. */
const field = {
  entry: 0,
  name: 1,
  argumentBytes: 2,
  deferReturn: 3,
  pcTables: [4, 5, 6],
  pcData: 7,
  unit: 8,
  line: 9,
  flags: 10,
};

interface Record {
  readonly at: number;
  readonly end: number;
  readonly pcData: number;
  readonly funcData: number;
}

/** To the end of the last record; undefined: these are not the records that we know. */
export function functionFrames(table: Buffer, count: number): FunctionFrame[] | undefined {
  const records = readRecords(table, count);
  if (records === undefined) return undefined;
  const frames: FunctionFrame[] = [];
  let start = 0;
  let first = 0;
  records.forEach(({ end }, index) => {
    const next = records[index + 1];
    if (next !== undefined && next.end - start <= maxFormedBytes) return;
    const raw = table.subarray(start, end);
    const formed = toColumns(table, raw.length, records.slice(first, index + 1), start === 0 ? count : 0);
    frames.push({ raw, formed });
    start = end;
    first = index + 1;
  });
  return frames.every(({ raw }) => raw.length <= maxFormedBytes) ? frames : undefined;
}

function readRecords(table: Buffer, count: number): Record[] | undefined {
  const records: Record[] = [];
  let at = align(8 * count + 4);
  // After the address at which the last function ends.
  if (count === 0 || table.readUInt32LE(at - 4) !== 0) return undefined;
  for (let index = 0; index < count; index++) {
    if (table.readUInt32LE(8 * index + 4) !== at || at + 4 * fixedWords > table.length) return undefined;
    const pcData = table.readUInt32LE(at + 4 * field.pcData);
    const funcData = table.readUInt32LE(at + 4 * field.flags) >>> 24;
    if (pcData > mostWords || funcData > mostWords) return undefined;
    const words = fixedWords + pcData + funcData;
    const end = at + align(4 * words);
    if (end > table.length || (words % 2 === 1 && table.readUInt32LE(end - 4) !== 0)) return undefined;
    for (let word = 4; word < words; word++) {
      const isPlace = word < field.pcData || word >= fixedWords;
      const value = table.readUInt32LE(at + 4 * word);
      if (isPlace && value !== absent && value >= known) return undefined;
    }
    records.push({ at, end, pcData, funcData });
    at = end;
  }
  return records;
}

function align(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function toColumns(table: Buffer, size: number, records: readonly Record[], pairs: number): Uint8Array {
  const formed = Buffer.alloc(size + headerBytes);
  let used = headerBytes;
  const word = (value: number): void => void (used = formed.writeUInt32LE(value >>> 0, used));
  /** The lowest bytes of all numbers, then the second ones, …: the upper ones of small numbers are zeros in a row. */
  const differences = (values: readonly number[]): void => {
    let before = 0;
    values.forEach((value, index) => {
      const difference = (value - before) >>> 0;
      before = value;
      for (let byte = 0; byte < 4; byte++)
        formed[used + byte * values.length + index] = difference >>> (8 * byte);
    });
    used += 4 * values.length;
  };
  const column = (index: number): number[] => records.map(({ at }) => table.readUInt32LE(at + 4 * index));
  if (pairs > 0) {
    const numbers = Array.from({ length: pairs }, (_, index) => 8 * index);
    differences(numbers.map((at) => table.readUInt32LE(at)));
    differences(numbers.map((at) => table.readUInt32LE(at + 4)));
    word(table.readUInt32LE(8 * pairs));
  }
  for (const index of [field.pcData, field.flags, field.argumentBytes, field.deferReturn, field.unit])
    column(index).forEach(word);
  for (const index of [field.entry, field.name, field.line]) differences(column(index));
  const { fixed, pcData, funcData } = references(table, records);
  for (const values of [...fixed, ...pcData, ...funcData]) values.forEach(word);
  formed.writeUInt32LE(pairs, 0);
  formed.writeUInt32LE(records.length, 4);
  return formed.subarray(0, used);
}

/** What points into other tables, in the order in which those were written. */
function references(table: Buffer, records: readonly Record[]) {
  const columns = (count: number): number[][] => Array.from({ length: count }, () => []);
  const fixed = columns(field.pcTables.length);
  const pcData = columns(mostWords);
  const funcData = columns(mostWords);
  const furthestData = Array.from({ length: mostWords }, () => 0);
  let furthest = 0;
  const beyond = (value: number, furthest: number): number =>
    value === absent ? 0 : value > furthest ? value - furthest : value + known;
  for (const { at, pcData: pcCount, funcData: dataCount } of records) {
    const pcTable = (place: number, to: number[] | undefined): void => {
      const value = table.readUInt32LE(place);
      to?.push(beyond(value, furthest));
      if (value !== absent) furthest = Math.max(furthest, value);
    };
    field.pcTables.forEach((index, column) => pcTable(at + 4 * index, fixed[column]));
    const place = at + 4 * fixedWords;
    for (let index = 0; index < pcCount; index++)
      if (index !== lastWritten) pcTable(place + 4 * index, pcData[index]);
    if (pcCount > lastWritten) pcTable(place + 4 * lastWritten, pcData[lastWritten]);
    for (let index = 0; index < dataCount; index++) {
      const value = table.readUInt32LE(place + 4 * (pcCount + index));
      const before = furthestData[index] ?? 0;
      funcData[index]?.push(beyond(value, before));
      if (value !== absent) furthestData[index] = Math.max(before, value);
    }
  }
  return { fixed, pcData, funcData };
}
