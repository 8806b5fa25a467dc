// What k0s and helm have asked since k0s was started again on what it had applied, and what of it they wrote again: the objects
// of the bench, their Charts and releases. Arguments: the moment of the start, for how many seconds to wait.

import { sleep } from "../../src/std/wait.ts";
import { countBy, isHelm, isK0s, isWrite, requestsBetween } from "./audit-log.ts";

const [startedAt = "0", seconds = "150"] = process.argv.slice(2);
await sleep(Math.max(0, Number(startedAt) + Number(seconds) * 1000 - Date.now()));
const found = await requestsBetween(Number(startedAt), Date.now(), (agent) => isK0s(agent) || isHelm(agent));
const applied = /[/.-](?:bench|sim)-/;
const writes = found.filter((line) => isWrite(line) && applied.test(line.requestURI));
const paths = countBy(writes, ({ verb, requestURI }) => `${verb} ${requestURI.replace(/\?.*/, "")}`);
for (const [path, count] of Object.entries(paths).slice(0, 20)) console.error(`${count}\t${path}`);
console.log(
  JSON.stringify({ requests: found.length, writes: writes.length, ...countBy(found, ({ verb }) => verb) }),
);
