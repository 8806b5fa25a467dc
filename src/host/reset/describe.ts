// The plan of `reset` in two sentences.

import { dirname } from "node:path";
import { formatBytes } from "../../std/bytes.ts";
import type { Observation, OwnDirectory } from "./observation.ts";
import type { PreparedReset } from "./sequence.ts";
import { namedFirst } from "../../std/named-first.ts";

export function describeReset(seen: Observation): string {
  const netfilter = seen.iptables.reduce((sum, { chains }) => sum + chains, 0);
  const counted = [
    seen.service === undefined ? "" : `the service ${seen.service.name}`,
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
  const removed = [...counted, ...pathTexts(seen.paths), ...once(seen.own).map(ownText)].filter(
    (text) => text !== "",
  );
  const lines = [
    `Will remove: ${removed.length === 0 ? "nothing, there is no trace of k0s here" : removed.join(", ")}`,
  ];
  lines.push(...yoursText(seen.yours));
  const mayGo = removed.length === 0 ? [] : outermost(seen.maybeEmpty);
  const others: [string, readonly string[]][] = [
    ["If empty:    ", mayGo],
    ["Left alone:  ", seen.leftAlone],
    ["Stays:       ", seen.stays],
    ["Kernel parameters stay: ", seen.parameters],
  ];
  for (const [title, texts] of others) if (texts.length > 0) lines.push(`${title}${texts.join(", ")}`);
  return `${lines.join("\n")}\n`;
}

/** Each with those in it; groups of the kernel are nobody's files. */
function outermost(directories: readonly string[]): string[] {
  const files = directories.filter((path) => !path.startsWith("/sys/"));
  return files.filter((path) => !files.some((other) => path.startsWith(`${other}/`)));
}

/** What to say after a complete reset. */
export function describeResult({
  record,
  runDirOwner,
  seen,
}: Pick<PreparedReset, "record" | "runDirOwner" | "seen">): string {
  if (record === undefined) return "nothing else of k0s is known here";
  if (runDirOwner.kind === "another's")
    return `containers, links and rules stay: they are those of the installation at ${runDirOwner.dataDirs.join(", ")}`;
  return seen.stays.length === 0
    ? "nothing of k0s is left, no reboot needed"
    : "nothing of k0s is left but what is named above as staying";
}

const namedOfYours = 5;

/** The operator's own files go with the directories that they are in: they are named. */
function yoursText({ manifests, images }: Observation["yours"]): string[] {
  const kinds: [string, readonly string[]][] = [
    ["your manifests", manifests],
    ["your images", images],
  ];
  const texts = kinds
    .filter(([, files]) => files.length > 0)
    .map(([kind, files]) => `${kind}: ${namedFirst(files, namedOfYours)}`);
  return texts.length === 0 ? [] : [`With it go:  ${texts.join("; ")}`];
}

/** More than this many of one directory are counted, not named. */
const namedOfOneDirectory = 3;

function pathTexts(paths: Observation["paths"]): string[] {
  const byDirectory = Map.groupBy(paths, ({ path }) => dirname(path));
  return [...byDirectory].flatMap(([directory, inside]) => {
    if (inside.length <= namedOfOneDirectory)
      return inside.map(({ path, bytes }) => `${path}${sizeText(bytes)}`);
    const bytes = inside.reduce((sum, one) => sum + one.bytes, 0);
    return [`${inside.length} entries of ${directory}${sizeText(bytes)}`];
  });
}

/** A directory that goes in several steps is told once, as the last step leaves it. */
function once(own: readonly OwnDirectory[]): OwnDirectory[] {
  return [...Map.groupBy(own, ({ path }) => path).values()].flatMap((steps) => {
    const last = steps.at(-1);
    return last === undefined ? [] : [{ ...last, bytes: steps.reduce((sum, { bytes }) => sum + bytes, 0) }];
  });
}

function ownText({ path, bytes, keepItself }: OwnDirectory): string {
  return `${keepItself ? "the content of " : ""}${path}${sizeText(bytes)}`;
}

function sizeText(bytes: number): string {
  return bytes >= 1024 * 1024 ? ` (${formatBytes(bytes)})` : "";
}

function plural(count: number, one: string, many: string): string {
  if (count === 0) return "";
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}
