// A machine's first process: some 200 bytes of machine code, made here, so that no host needs a compiler or an extra file.
//
// It does three things (sources: init-program.amd64.s and init-program.arm64.s beside this file):
//   1. ignores SIGCHLD, so that the kernel reaps every orphan of the machine by itself;
//   2. sleeps in read(0): descriptor 0 is the life line, a pipe whose other end the owner of the machine holds;
//   3. at the end of the file (the owner has ended) executes its arguments, if any, else exits, which ends the machine;
//      after one byte (the owner lets it go on) it sleeps for ever instead, and the machine outlives its owner.
// It occupies one or two pages of memory.

import { closeSync, writeSync } from "node:fs";
import { UserError } from "../std/errors.ts";
import type { Libc } from "./libc.ts";

const programs: Partial<Record<NodeJS.Architecture, { machine: number; code: string }>> = {
  x64: {
    machine: 62,
    code:
      "b80d000000bf11000000488d355700000031d241ba080000000f0531c031ff488d7424f0ba010000000f054883f8fc74" +
      "ea4883f8017427488b04244883f8017e14488d742410488b3e488d54c410b83b0000000f0531ffb8e70000000f05b822" +
      "0000000f05ebf7900100000000000000000000040000000000000000000000000000000000000000",
  },
  arm64: {
    machine: 183,
    code:
      "c81080d2200280d201040010020080d2030180d2010000d4e80780d2000080d2e14300d1220080d2010000d41f1000b1" +
      "40ffff541f0400f180010054e40340f99f0400f1cd000054e1430091200040f9220c048ba81b80d2010000d4000080d2" +
      "c80b80d2010000d4280980d2000080d2010080d2020080d2030080d2040080d2010000d4f9ffff170100000000000000" +
      "000000000000000000000000000000000000000000000000",
  },
};

const loadAddress = 0x40_0000n;
const headerSize = 64;
const programHeaderSize = 56;
const readAndExecute = 5;

/** The program as a complete ELF file. */
export function initProgram(arch: NodeJS.Architecture = process.arch): Buffer {
  const program = programs[arch];
  if (program === undefined)
    throw new UserError(`sandboxes do not exist on ${arch}`, { hint: "Use an amd64 or arm64 machine." });
  const code = Buffer.from(program.code, "hex");
  const offset = headerSize + programHeaderSize;
  const file = Buffer.alloc(offset + code.length);
  file.write("\x7fELF\x02\x01\x01", 0, "latin1");
  file.writeUInt16LE(2, 16); // an executable at fixed addresses
  file.writeUInt16LE(program.machine, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(loadAddress + BigInt(offset), 24); // entry point
  file.writeBigUInt64LE(BigInt(headerSize), 32); // program headers
  file.writeUInt16LE(headerSize, 52);
  file.writeUInt16LE(programHeaderSize, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, headerSize); // PT_LOAD
  file.writeUInt32LE(readAndExecute, headerSize + 4);
  file.writeBigUInt64LE(loadAddress, headerSize + 16);
  file.writeBigUInt64LE(loadAddress, headerSize + 24);
  file.writeBigUInt64LE(BigInt(file.length), headerSize + 32);
  file.writeBigUInt64LE(BigInt(file.length), headerSize + 40);
  file.writeBigUInt64LE(0x1_0000n, headerSize + 48);
  code.copy(file, offset);
  return file;
}

export interface InitOptions {
  readonly title: string;
  /** What to execute when the life line ends. */
  readonly onEnd?: readonly string[];
  readonly env: Record<string, string>;
}

/** Becomes the program; descriptor 0 must be the life line. Never returns. */
export function becomeInit(libc: Libc, options: InitOptions): never {
  const execve = process.execve?.bind(process);
  if (execve === undefined) throw new Error("this runtime cannot replace itself");
  const fd = libc.memoryFile("k0s-sandbox-init");
  writeSync(fd, initProgram());
  try {
    execve(`/proc/self/fd/${fd}`, [options.title, ...(options.onEnd ?? [])], options.env);
  } finally {
    closeSync(fd);
  }
  throw new Error("execve returned");
}
