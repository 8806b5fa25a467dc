// Makes executables independent of where their C library lies: a placeholder for the path of the loader, which is
// written when they are unpacked, and a run path beside themselves. docs/adr/0003-one-file.md.

import { open } from "node:fs/promises";
import type { Patchelf } from "./patchelf.ts";

/** Room for the path of the loader. */
export const placeholderBytes = 200;
export const placeholder = "/k0s-loader".padEnd(placeholderBytes, "x");

/** RPATH, not RUNPATH: it also holds for the libraries of libraries, and LD_LIBRARY_PATH does not come before it. */
export async function relocate(patch: Patchelf, file: string, runPath: string): Promise<void> {
  await patch(["--set-interpreter", placeholder, "--force-rpath", "--set-rpath", runPath], file);
}

export interface InterpreterField {
  readonly offset: number;
  readonly length: number;
}

const programHeaderInterpreter = 3;

/** Where the placeholder lies in a 64-bit little-endian ELF file. */
export async function interpreterField(path: string): Promise<InterpreterField> {
  const file = await open(path, "r");
  try {
    const header = Buffer.alloc(64);
    await file.read(header, 0, 64, 0);
    if (header.toString("latin1", 0, 4) !== "\x7fELF") throw new Error(`${path} is not an ELF file`);
    const size = header.readUInt16LE(54);
    const table = Buffer.alloc(size * header.readUInt16LE(56));
    await file.read(table, 0, table.length, Number(header.readBigUInt64LE(32)));
    for (let at = 0; at < table.length; at += size) {
      if (table.readUInt32LE(at) !== programHeaderInterpreter) continue;
      const offset = Number(table.readBigUInt64LE(at + 8));
      const text = Buffer.alloc(placeholderBytes);
      await file.read(text, 0, placeholderBytes, offset);
      if (text.toString("latin1") !== placeholder)
        throw new Error(`${path} has another loader than the placeholder`);
      return { offset, length: placeholderBytes };
    }
    throw new Error(`${path} names no loader`);
  } finally {
    await file.close();
  }
}

/** File name of the loader of Debian's C library. */
export function loaderName(arch: "amd64" | "arm64"): string {
  return arch === "amd64" ? "ld-linux-x86-64.so.2" : "ld-linux-aarch64.so.1";
}
