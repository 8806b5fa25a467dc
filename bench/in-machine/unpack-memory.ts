// The most memory that unpacking has: of the process that does it, for the largest parts, into a directory of their own.

import { mkdtemp, rm } from "node:fs/promises";
import { cleanEnvironment } from "../../src/os/exec.ts";
import { describeEnd } from "../../src/std/program-end.ts";

const parts = ["kubernetes", "containerd"];
const dir = await mkdtemp("/var/lib/bench-unpack-");
const steps = parts.map((part) => ({ part, dir, own: false, uid: 0, gid: 0 }));
const child = Bun.spawn(["/usr/local/bin/k0s"], {
  env: { ...cleanEnvironment(), K0S_LAUNCHER: "unpack" },
  stdin: Buffer.from(JSON.stringify(steps)),
  stdout: "ignore",
  stderr: "inherit",
});
const code = await child.exited;
await rm(dir, { recursive: true });
if (code !== 0) throw new Error(`unpacking ${describeEnd({ code, signal: child.signalCode })}`);
console.log(JSON.stringify({ peakMiB: (child.resourceUsage()?.maxRSS ?? Number.NaN) / 2 ** 20 }));
