// Writes a line a millisecond to standard output through the sink, and each tenth to standard error as a sign of life by
// way of a file: `blocked-log-main.ts <life file> <lines> [limit in bytes]`.

import { writeFileSync } from "node:fs";
import { boundedSink } from "../../std/bounded-sink.ts";
import { descriptorWriter } from "../descriptor-writer.ts";

const [lifeFile = "", count = "", limit = "65536"] = process.argv.slice(2);
const sink = boundedSink({
  write: descriptorWriter(1),
  lossLine: ({ lines, because }) => `LOST ${lines}: ${because}\n`,
  limitBytes: Number(limit),
});
let longestMs = 0;
let before = performance.now();
for (let line = 0; line < Number(count); line++) {
  sink.write(`line ${line} ${"x".repeat(80)}\n`);
  if (line % 20 === 0) await Bun.sleep(1);
  longestMs = Math.max(longestMs, performance.now() - before);
  before = performance.now();
}
writeFileSync(lifeFile, `${Math.round(longestMs)}\n`);
await sink.flush(3_000);
process.exit(0);
