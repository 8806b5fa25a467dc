// A supervisor of its own for tests that kill it: `supervise.ts <data dir> <sh script>`; prints the child's pid.

import { join } from "node:path";
import { SupervisedProcess } from "../process.ts";
import { silentLog } from "./recording-log.ts";

const [dataDir = "", script = "", helper = ""] = process.argv.slice(2);
const supervised = new SupervisedProcess({
  name: "thing",
  command: "/bin/sh",
  args: ["-c", script],
  cwd: dataDir,
  pidFile: join(dataDir, "thing.pid"),
  log: silentLog,
  ...(helper === "" ? {} : { self: [process.execPath, helper] }),
});
await supervised.start(new AbortController().signal);
process.stdout.write(`${supervised.pid}\n`);
setInterval(() => undefined, 60_000);
