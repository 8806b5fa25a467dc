// Network links of our own network namespace: listed by the kernel, deleted through `ip`.

import { readFile } from "node:fs/promises";
import { run } from "./exec.ts";

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

/** Deletes a link with the given `ip` executable; false if there was none of that name. */
export async function deleteLink(name: string, ip: string, signal?: AbortSignal): Promise<boolean> {
  if (!(await listLinks()).includes(name)) return false;
  const options = { timeoutMs: 10_000, ...(signal === undefined ? {} : { signal }) };
  const { code, stderr } = await run(ip, ["link", "delete", "dev", name], options);
  // One end of a pair takes the other with it, so it may be gone by now.
  if (code === 0 || !(await listLinks()).includes(name)) return true;
  throw new Error(`cannot delete the network link ${name}: ${stderr.trim()}`);
}
