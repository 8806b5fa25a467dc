// systemd-networkd gives a link what the first of its files says that fits. Where one fits the links of pods, each of them gets the
// host's address and routes, and its pod answers no more ("no route to host"). man systemd.network.

import { type Finding, found } from "./finding.ts";
import { pass, type Probe } from "./probe.ts";
import type { ProbeHost } from "./probe-host.ts";

export const podLinksTaken: Finding = {
  category: "warning",
  message: "systemd-networkd takes the links of pods for the host's own",
  why: "They get the addresses and routes of that file, so pods are not reached, or the host itself is not.",
  remedy:
    "`printf '[Match]\\nName=veth* cali* vxlan.calico vxlan-v6.calico kube-bridge\\n\\n[Link]\\nUnmanaged=yes\\n' >/etc/systemd/network/00-k0s.network && networkctl reload`, or let {file} name the host's links alone (Kind=!* in its [Match]).",
};

/** In the order in which a file hides others of its name. */
const directories = [
  "/etc/systemd/network",
  "/run/systemd/network",
  "/usr/local/lib/systemd/network",
  "/usr/lib/systemd/network",
];

export interface NetworkFile {
  readonly path: string;
  readonly text: string;
}

interface Link {
  readonly Name: string;
  readonly Type: string;
  readonly Kind: string;
}

/** One of each kind that kube-router and Calico make. */
const podLinks: readonly Link[] = [
  { Name: "veth1a2b3c4d", Type: "ether", Kind: "veth" },
  { Name: "cali1a2b3c4d5e6", Type: "ether", Kind: "veth" },
  { Name: "vxlan.calico", Type: "ether", Kind: "vxlan" },
  { Name: "kube-bridge", Type: "bridge", Kind: "bridge" },
];

export const networkdProbe: Probe = {
  id: "networkd",
  displayName: "systemd-networkd",
  check: async (host) => {
    // The kernel keeps fifteen characters of a name.
    const running = (await host.processes()).some(({ name }) => name === "systemd-network");
    if (!running) return pass("not running");
    const taking = takesPodLinks(await networkFiles(host));
    return taking === undefined
      ? pass("leaves the links of pods alone")
      : found(podLinksTaken, taking.path, { file: taking.path });
  },
};

/** The file by which a link of a pod would be configured. */
export function takesPodLinks(files: readonly NetworkFile[]): NetworkFile | undefined {
  for (const link of podLinks) {
    const first = files.find(({ text }) => fits(link, settings(text, "Match")));
    if (first !== undefined && !settings(first.text, "Link").some(isUnmanaged)) return first;
  }
  return undefined;
}

type Setting = readonly [key: string, value: string];

const isUnmanaged = ([key, value]: Setting): boolean =>
  key === "Unmanaged" && /^(1|yes|true|on|y|t)$/i.test(value);

/** What a file asks for beyond these (an address, a place on a bus) no link of a pod has. */
function fits(link: Link, wanted: readonly Setting[]): boolean {
  const has: Readonly<Record<string, string>> = { ...link, Driver: link.Kind };
  // networkd ignores a file that asks for nothing.
  return wanted.length > 0 && wanted.every(([key, value]) => matches(has[key], value));
}

/** A list of patterns; `!` before it turns the whole list round. */
function matches(text: string | undefined, value: string): boolean {
  if (text === undefined) return false;
  const inverted = value.startsWith("!");
  const patterns = (inverted ? value.slice(1) : value).split(/\s+/).filter((one) => one !== "");
  return patterns.some((pattern) => new Bun.Glob(pattern).match(text)) !== inverted;
}

function settings(text: string, section: string): Setting[] {
  let inside = false;
  const found: Setting[] = [];
  for (const line of text.split("\n").map((one) => one.trim())) {
    if (line.startsWith("[")) inside = line === `[${section}]`;
    const [, key, value] = /^([A-Za-z0-9]+)\s*=\s*(.*)$/.exec(line) ?? [];
    // An empty value takes back what was said before.
    if (inside && key !== undefined && value !== undefined && value !== "") found.push([key, value]);
  }
  return found;
}

/** By name, whatever their directory; the first directory with a name has it. */
async function networkFiles(host: ProbeHost): Promise<NetworkFile[]> {
  const paths = new Map<string, string>();
  for (const directory of directories)
    for (const name of await host.list(directory))
      if (name.endsWith(".network") && !paths.has(name)) paths.set(name, `${directory}/${name}`);
  const sorted = [...paths].sort(([one], [other]) => (one < other ? -1 : 1));
  return Promise.all(sorted.map(async ([, path]) => ({ path, text: (await host.readText(path)) ?? "" })));
}
