// Takes off the mounts below its first argument, in the mount namespace that it is started in, by the helper that the other
// arguments start; prints what became of it.

import { writeSync } from "node:fs";
import { errorMessage } from "../../std/errors.ts";
import { listMounts, mountsBelow } from "../mounts.ts";
import { unmountAll } from "../unmount-all.ts";

const [dir = "", ...self] = process.argv.slice(2);
const targets = mountsBelow(await listMounts(), dir).map(({ target }) => target);
const problem = await unmountAll(targets, {
  self,
  signal: new AbortController().signal,
  patienceMs: 3_000,
}).catch(errorMessage);
const left = mountsBelow(await listMounts(), dir).map(({ target }) => target.slice(dir.length + 1));
writeSync(1, JSON.stringify({ problem: problem ?? "none", left }));
process.exit(0);
