// The two tables of a Go program in forms that compress better. launcher/tables.go puts them back, byte for byte.

import type { FrameForm } from "../../src/payload/index-schema.ts";
import { functionFrames } from "./go-functions.ts";
import { findGoTables, type Range } from "./go-tables.ts";
import type { FileHandle } from "node:fs/promises";
import { splitPcTables } from "./go-pc-tables.ts";

/** A part of a file that makes frames of its own. */
interface FormedFrame {
  readonly raw: Uint8Array;
  readonly form: FrameForm;
  /** What is compressed instead of the raw bytes. */
  readonly formed: Uint8Array;
}

/** Frames in a row, and where the first begins in the file; none for what is not a Go program. */
export async function goFrames(
  file: FileHandle,
): Promise<readonly { readonly start: number; readonly frames: readonly FormedFrame[] }[]> {
  const tables = await findGoTables(file);
  if (tables === undefined) return [];
  const functions = functionFrames(await read(file, tables.functions), tables.functionCount);
  // Records of another layout: the tables beside them cannot be trusted either.
  if (functions === undefined) return [];
  const pcTables = splitPcTables(await read(file, tables.pcTables));
  return [
    {
      start: tables.pcTables.start,
      frames: [
        ...pcTables.map((frame) => ({ ...frame, form: "go-pc-tables" as const })),
        ...functions.map((frame) => ({ ...frame, form: "go-functions" as const })),
      ],
    },
  ];
}

async function read(file: FileHandle, { start, end }: Range): Promise<Buffer> {
  const bytes = Buffer.alloc(end - start);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
  if (bytesRead !== bytes.length) throw new Error("a table of a Go program goes beyond its file");
  return bytes;
}
