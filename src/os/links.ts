// Network links of our own network namespace: as the kernel lists them.

import { readFile } from "node:fs/promises";

/** Names of all links. Not from /sys/class/net, which may show another namespace's. */
export async function listLinks(): Promise<readonly string[]> {
  return parseNetDev(await readFile("/proc/self/net/dev", "utf8"));
}

/** From the text of /proc/net/dev: two lines of heading, then `name: counters`. */
export function parseNetDev(text: string): readonly string[] {
  return text
    .split("\n")
    .slice(2)
    .flatMap((line) => /^\s*(\S.*?):/.exec(line)?.[1] ?? []);
}
