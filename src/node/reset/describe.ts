// The plan of `reset` in two sentences. User story 7.

import { dirname } from "node:path";
import { formatBytes } from "../../std/bytes.ts";
import type { Observation } from "./observation.ts";

export function describeReset(seen: Observation): string {
  const netfilter = seen.iptables.reduce((sum, { chains }) => sum + chains, 0);
  const counted = [
    plural(seen.managed.length + seen.inPods.length, "process", "processes"),
    plural(seen.mounts.length, "mount", "mounts"),
    plural(seen.links.length, "link", "links"),
    plural(seen.netns.length, "network namespace", "network namespaces"),
    plural(seen.nftTables.length, "nft table", "nft tables"),
    plural(netfilter, "iptables chain", "iptables chains"),
    plural(seen.ipsets.length, "ipset", "ipsets"),
    plural(seen.routes.length, "route", "routes"),
    plural(seen.cgroups.length, "cgroup", "cgroups"),
    plural(seen.users.length, "user", "users"),
  ];
  const removed = [...counted, ...pathTexts(seen.paths)].filter((text) => text !== "");
  const lines = [
    `Will remove: ${removed.length === 0 ? "nothing, there is no trace of k0s here" : removed.join(", ")}`,
  ];
  if (seen.leftAlone.length > 0) lines.push(`Left alone:  ${seen.leftAlone.join(", ")}`);
  return `${lines.join("\n")}\n`;
}

/** More than this many of one directory are counted, not named. */
const namedOfOneDirectory = 3;

function pathTexts(paths: Observation["paths"]): string[] {
  const byDirectory = Map.groupBy(paths, ({ path }) => dirname(path));
  return [...byDirectory].flatMap(([directory, inside]) => {
    if (inside.length <= namedOfOneDirectory || inside.some(({ mountPoint }) => mountPoint))
      return inside.map(pathText);
    const bytes = inside.reduce((sum, one) => sum + one.bytes, 0);
    return [
      `${inside.length} entries of ${pathText({ path: directory, bytes, mountPoint: false, own: false })}`,
    ];
  });
}

function pathText({ path, bytes, mountPoint }: Observation["paths"][number]): string {
  const size = bytes >= 1024 * 1024 ? ` (${formatBytes(bytes)})` : "";
  return mountPoint ? `the content of ${path}${size}` : `${path}${size}`;
}

function plural(count: number, one: string, many: string): string {
  if (count === 0) return "";
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}
