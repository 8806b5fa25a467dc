// How long a command takes and how much memory it has at its most: median and largest of several times.

import { spawn } from "bun";
import { describeEnd } from "../../src/std/program-end.ts";

const [times = "", ...command] = process.argv.slice(2);
const took: number[] = [];
let peakBytes = 0;
for (let time = 0; time < Number(times); time++) {
  const started = performance.now();
  const child = spawn(command, { stdio: ["ignore", "ignore", "inherit"] });
  const code = await child.exited;
  took.push(performance.now() - started);
  if (code !== 0) throw new Error(`${command.join(" ")} ${describeEnd({ code, signal: child.signalCode })}`);
  peakBytes = Math.max(peakBytes, child.resourceUsage()?.maxRSS ?? 0);
}
const ms = took.toSorted((a, b) => a - b)[Math.floor(took.length / 2)];
console.log(JSON.stringify({ ms, peakMiB: peakBytes / 2 ** 20 }));
