// What k0s has asked of this controller's API server between two times, by kind and a second, by the audit log.

import { countBy, isK0s, kindOf, requestsBetween } from "./audit-log.ts";

const [from = "0", to = "0"] = process.argv.slice(2);
const seconds = (Number(to) - Number(from)) / 1000;
const found = await requestsBetween(Number(from), Number(to), isK0s);
const kinds = Object.entries(countBy(found, kindOf)).map(([kind, count]) => [kind, count / seconds] as const);
console.log(JSON.stringify({ all: found.length / seconds, ...Object.fromEntries(kinds) }));
