// Everything on a machine that a cluster node could leave behind, as sorted lines by kind, and what differs between two
// looks. For machines with a Debian root, whose own tools do the looking.

import { expect } from "bun:test";
import { machineProcesses } from "./machine-processes.ts";
import type { TestMachine } from "./test-machine.ts";

/** Kind, e.g. `mounts` → its lines. */
export type MachineSnapshot = Readonly<Record<string, readonly string[]>>;

const telling =
  // Counters, times and tables in which there is nothing but the kernel's own chains say nothing.
  `sed -e '/^[#*]/d' -e '/^COMMIT/d' -e 's/\\[[0-9:]*\\]//' | grep -vE '^:[A-Z]+ ACCEPT *$'`;

const rulesOf = (command: string): string =>
  // Not every kernel has every table: a refusal is fine. The end of the pipe would hide a crash, so it becomes a line.
  `for table in raw mangle nat filter security; do ` +
  `${command} -t $table || { code=$?; [ $code -lt 128 ] || echo "${command} ended with $code"; }; done | ${telling}`;

/** One shell line a kind. */
const looks: Readonly<Record<string, string>> = {
  mounts: `awk '{print $5, $(NF-2)}' /proc/self/mountinfo`,
  cgroups: `find /sys/fs/cgroup -type d`,
  links: `ip -o link | sed 's/^[0-9]*: //; s/[@:].*//'`,
  addresses: `ip -o addr show scope global | awk '{print $2, $4}'`,
  // Link-local routes appear a moment after their link.
  routes: `ip -4 route show table all; ip -6 route show table all | grep -v fe80:`,
  "policy rules": `ip rule; ip -6 rule`,
  neighbours: `ip neighbour show nud permanent`,
  iptables: rulesOf("iptables-nft-save"),
  ip6tables: rulesOf("ip6tables-nft-save"),
  "legacy iptables": rulesOf("iptables-legacy-save"),
  "legacy ip6tables": rulesOf("ip6tables-legacy-save"),
  "nft tables": `nft list tables`,
  ipsets: `ipset list -n`,
  users: `cut -d: -f1 /etc/passwd`,
  groups: `cut -d: -f1 /etc/group`,
  // kubectl's cache, lock files of iptables that are anybody's, and the second copies that useradd keeps are not ours.
  files: `find / /var/lib /run -xdev -path /root/.kube -prune -o -print | grep -vE '^/(run/xtables.lock|etc/g?shadow-)$'`,
};

/** Name of their lines, `net/ipv4/conf/all/forwarding 1`. */
export const kernelParameters = "kernel parameters";

const looksAtOwnKernel: Readonly<Record<string, string>> = {
  // Only of tables that are there: to ask for one by name loads it.
  "legacy iptables": `iptables-legacy-save | ${telling}`,
  "legacy ip6tables": `ip6tables-legacy-save | ${telling}`,
  // A thread of the kernel has no arguments, what looks is not looked at, and udev's workers come and go.
  processes: `for one in /proc/[0-9]*; do [ $one = /proc/$$ ] || [ ! -e $one/cmdline ] || { tr '\\0' ' ' <$one/cmdline; echo; }; done | grep -v -e test-agent -e '^(udev-worker)'`,
  [kernelParameters]: `for one in kernel/panic kernel/panic_on_oops vm/overcommit_memory net/ipv4/conf/all/forwarding net/ipv6/conf/all/forwarding; do echo "$one $(cat /proc/sys/$one)"; done`,
  "AppArmor profiles": `cat /sys/kernel/security/apparmor/profiles`,
};

export async function takeSnapshot(machine: TestMachine): Promise<MachineSnapshot> {
  const processes = await machineProcesses(machine);
  return {
    ...(await look(machine, looks)),
    processes: sorted(processes.map((one) => one.arguments.join(" "))),
  };
}

/** The same of a machine whose files and processes this host does not see, with its kernel, which is its own. */
export function takeVirtualSnapshot(machine: Pick<TestMachine, "sh">): Promise<MachineSnapshot> {
  return look(machine, { ...looks, ...looksAtOwnKernel });
}

async function look(
  machine: Pick<TestMachine, "sh">,
  scripts: Readonly<Record<string, string>>,
): Promise<MachineSnapshot> {
  const snapshot: Record<string, string[]> = {};
  for (const [kind, script] of Object.entries(scripts)) {
    const { stdout } = await machine.sh(script);
    snapshot[kind] = sorted(stdout.split("\n"));
  }
  return snapshot;
}

/**
 * Nothing differs from `before`, but for lines like `besides`; what the kernel still clears away has half a minute after the
 * first look. A look is always finished, however long it takes on a busy host, and one that fails is the last if it began
 * after that time.
 */
export async function expectAsBefore(
  machine: TestMachine,
  before: MachineSnapshot,
  { besides = /^(?!)/ }: { readonly besides?: RegExp } = {},
): Promise<void> {
  const meant = (snapshot: MachineSnapshot): MachineSnapshot =>
    Object.fromEntries(
      Object.entries(snapshot).map(([kind, lines]) => [kind, lines.filter((line) => !besides.test(line))]),
    );
  const look = async (): Promise<Record<string, string[]>> =>
    snapshotDifference(meant(before), meant(await takeSnapshot(machine)));
  let difference = await look();
  const deadline = performance.now() + 30_000;
  let began = 0;
  while (Object.keys(difference).length > 0 && began < deadline) {
    await Bun.sleep(200);
    began = performance.now();
    difference = await look();
  }
  expect(difference).toEqual({});
}

function sorted(lines: readonly string[]): string[] {
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .sort();
}

/** `+ line` for what came, `- line` for what went, by kind; kinds without a difference are left out. */
export function snapshotDifference(
  before: MachineSnapshot,
  after: MachineSnapshot,
): Record<string, string[]> {
  const kinds = Object.keys(after).map((kind): [string, string[]] => {
    const added = surplus(after[kind] ?? [], before[kind] ?? []).map((line) => `+ ${line}`);
    const gone = surplus(before[kind] ?? [], after[kind] ?? []).map((line) => `- ${line}`);
    return [kind, [...added, ...gone]];
  });
  return Object.fromEntries(kinds.filter(([, lines]) => lines.length > 0));
}

/** Lines that are more often in `lines` than in `others`. */
function surplus(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}
