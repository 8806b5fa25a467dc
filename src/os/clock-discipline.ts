// Whether anything keeps the kernel's clock right: a time daemon tells the kernel that it does.

import { libc, ptr } from "./libc.ts";

/** False if no time daemon has set the clock yet; undefined when the kernel does not say. Changes nothing. */
export function isClockSynchronised(): boolean | undefined {
  // struct timex of 64-bit machines; all zero asks only.
  const timex = new Uint8Array(256);
  const unsynchronised = 0x40;
  if (libc().adjtimex(ptr(timex)) < 0) return undefined;
  return (new DataView(timex.buffer).getInt32(40, true) & unsynchronised) === 0;
}
