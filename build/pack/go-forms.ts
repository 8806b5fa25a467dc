// The two tables of a Go program in forms that compress better. launcher/tables.go puts them back, byte for byte.

import type { FrameForm } from "../../src/payload/index-schema.ts";
import { functionFrames } from "./go-functions.ts";
import { findGoTables, type Range, readAt } from "./go-tables.ts";
import type { FileHandle } from "node:fs/promises";
import { splitPcTables } from "./go-pc-tables.ts";

/** A part of a file that makes frames of its own. */
interface FormedFrame {
  readonly raw: Uint8Array;
  readonly form: FrameForm;
  /** What is compressed instead of the raw bytes. */
  readonly formed: Uint8Array;
}

interface GoFrames {
  /** In the file. */
  readonly start: number;
  /** In a row. */
  readonly frames: readonly FormedFrame[];
}

/** Undefined for what is not a Go program, or not one that we know. */
export async function goFrames(file: FileHandle): Promise<GoFrames | undefined> {
  const tables = await findGoTables(file);
  if (tables === undefined) return undefined;
  const functions = functionFrames(await read(file, tables.functions), tables.functionCount);
  // Records of another layout: the tables beside them cannot be trusted either.
  if (functions === undefined) return undefined;
  const pcTables = splitPcTables(await read(file, tables.pcTables));
  return {
    start: tables.pcTables.start,
    frames: [
      ...pcTables.map((frame) => ({ ...frame, form: "go-pc-tables" as const })),
      ...functions.map((frame) => ({ ...frame, form: "go-functions" as const })),
    ],
  };
}

async function read(file: FileHandle, { start, end }: Range): Promise<Buffer> {
  const bytes = await readAt(file, start, end - start);
  if (bytes.length !== end - start) throw new Error("a table of a Go program goes beyond its file");
  return bytes;
}
