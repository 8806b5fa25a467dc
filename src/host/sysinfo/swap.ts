// Swap: kubelet runs with it and keeps containers out of it, but what lies in memory file systems may be written there.

import { formatBytes } from "../../std/bytes.ts";
import { type Finding, found } from "./finding.ts";
import { kernelAtLeast } from "./kernel-release.ts";
import { pass, type Probe } from "./probe.ts";
import type { ProbeHost } from "./probe-host.ts";

export const swapWithSecrets: Finding = {
  category: "warning",
  message: "on",
  why: "Before version 6.3 a kernel may write memory file systems to swap, and the Secrets of pods lie in one.",
  remedy:
    "`swapoff -a`, and take the lines of type swap out of /etc/fstab; or put swap on an encrypted device.",
};

export const swapProbe: Probe = {
  id: "swap",
  displayName: "Swap",
  check: async (host) => {
    const areas = swapAreas((await host.readText("/proc/swaps")) ?? "");
    if (areas.length === 0) return pass("off");
    const prop = areas.map(({ name, bytes }) => `${name} (${formatBytes(bytes)})`).join(", ");
    if (kernelAtLeast(host.kernelRelease, [6, 3])) return pass(prop);
    const safe = await Promise.all(
      areas.map(async ({ name }) => inMemory.test(name) || (await isEncrypted(host, name))),
    );
    return safe.every(Boolean) ? pass(prop) : found(swapWithSecrets, prop);
  },
};

/** Compressed memory. */
const inMemory = /^\/dev\/zram\d+$/;

/** cryptsetup names what does not encrypt in this way, too. */
const encrypts = /^CRYPT-(?!INTEGRITY-|VERITY-|SUBDEV-)/;

/** A device of dm-crypt, or a volume (of LVM) all of whose devices are. */
async function isEncrypted(host: ProbeHost, name: string): Promise<boolean> {
  const device = /^\/dev\/(dm-\d+)$/.exec(name)?.[1];
  if (device === undefined) return false;
  if (encrypts.test((await host.readText(`/sys/block/${device}/dm/uuid`)) ?? "")) return true;
  const below = await host.list(`/sys/block/${device}/slaves`);
  const all = await Promise.all(below.map((one) => isEncrypted(host, `/dev/${one}`)));
  return all.length > 0 && all.every(Boolean);
}

/** From the text of /proc/swaps: name, type, size in KiB, … below one line of heading. */
function swapAreas(text: string): { name: string; bytes: number }[] {
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [name = "", , kibibytes = ""] = line.trim().split(/\s+/);
      return name === "" ? [] : [{ name, bytes: Number(kibibytes) * 1024 }];
    });
}
