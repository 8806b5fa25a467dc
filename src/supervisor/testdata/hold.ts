// Holds a process for a test: `hold.ts <pid>`. Traced by somebody who does not collect it, a killed process does not come to
// its end, as one that sleeps in the kernel does not. Prints a line when it holds.

import { lastErrno, systemCall } from "../../os/libc.ts";

/** Its number is another one on each architecture. */
const SYS_ptrace = process.arch === "arm64" ? 117 : 101;
const PTRACE_SEIZE = 0x4206;
if (systemCall(SYS_ptrace, PTRACE_SEIZE, Number(process.argv[2]), 0, 0) !== 0)
  throw new Error(`ptrace: errno ${lastErrno()}`);
process.stdout.write("held\n");
setTimeout(() => process.exit(1), 60_000);
