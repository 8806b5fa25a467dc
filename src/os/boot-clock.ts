// The clock of this host that nobody sets and that goes on while the host is suspended, where `performance.now()` stands
// still: clock_gettime(2), CLOCK_BOOTTIME.

import { lastErrno, libc, systemError } from "./libc.ts";

const bootTimeClock = 7;
/** `struct timespec`: seconds and nanoseconds, of 64 bits each on every architecture that k0s is built for. */
const spec = new BigInt64Array(2);

/** Milliseconds since the host was started. Throws an errno error where the kernel has no such clock. */
export function bootTimeMs(): number {
  if (libc().clock_gettime(bootTimeClock, spec) !== 0) throw systemError("clock_gettime", lastErrno());
  const [seconds = 0n, nanoseconds = 0n] = spec;
  return Number(seconds) * 1_000 + Number(nanoseconds) / 1e6;
}
