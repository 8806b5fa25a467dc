// Whether the kernel can filter device access of cgroup v2: it can when it takes a BPF program of that kind.

import { dlopen, ptr } from "bun:ffi";
import { closeSync } from "node:fs";
import { arch } from "node:os";
import { lastErrno } from "./libc.ts";

const bpfSyscall: Readonly<Record<string, number>> = { x64: 321, arm64: 280 };
const BPF_PROG_LOAD = 5;
const BPF_PROG_TYPE_CGROUP_DEVICE = 15;
const EPERM = 1;
const EACCES = 13;

/** Undefined when we may not ask (not root) or do not know how on this architecture. */
export function canLoadDeviceFilter(): boolean | undefined {
  const number = bpfSyscall[arch()];
  if (number === undefined) return undefined;
  const libc = dlopen("libc.so.6", { syscall: { args: ["i64", "i64", "ptr", "i64"], returns: "i64" } });
  // mov r0, 1; exit: allow everything.
  const program = new Uint8Array([0xb7, 0, 0, 0, 1, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0]);
  const license = Buffer.from("Apache-2.0\0");
  const attributes = new DataView(new ArrayBuffer(128));
  attributes.setUint32(0, BPF_PROG_TYPE_CGROUP_DEVICE, true);
  attributes.setUint32(4, 2, true);
  attributes.setBigUint64(8, BigInt(ptr(program)), true);
  attributes.setBigUint64(16, BigInt(ptr(license)), true);
  const fd = Number(libc.symbols.syscall(number, BPF_PROG_LOAD, ptr(attributes), attributes.byteLength));
  const failure = fd < 0 ? lastErrno() : 0;
  if (fd < 0) return failure === EPERM || failure === EACCES ? undefined : false;
  closeSync(fd);
  return true;
}
