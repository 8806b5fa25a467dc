// Memory: all of it, and what others leave. Upstream: internal/pkg/sysinfo/probes/memory.go.

import { formatBytes } from "../../std/bytes.ts";
import { type Finding, found } from "./finding.ts";
import { pass, type Probe } from "./probe.ts";
import type { Roles } from "./roles.ts";

const MiB = 1024 * 1024;

export const memoryLow: Finding = {
  category: "warning",
  message: "{wanted} recommended",
  why: "Kubernetes alone takes about as much; the kernel will end processes when it has no more.",
  remedy: "Give the machine more memory.",
};

export const memoryTaken: Finding = {
  category: "warning",
  message: "{wanted} recommended",
  why: "Others on this host use the rest; the kernel will end processes when it has no more.",
  remedy: "Stop what is not needed: `ps -eo rss,pid,comm --sort=-rss | head` shows who uses most.",
};

export function memoryProbe({ controller }: Roles): Probe {
  const wanted = controller ? 1024 * MiB : 500 * MiB;
  return {
    id: "memory",
    displayName: "Total memory",
    check: async ({ memoryBytes }) => {
      const prop = formatBytes(memoryBytes);
      return memoryBytes >= wanted ? pass(prop) : found(memoryLow, prop, { wanted: formatBytes(wanted) });
    },
  };
}

export function freeMemoryProbe({ controller }: Roles): Probe {
  const wanted = controller ? 700 * MiB : 300 * MiB;
  return {
    id: "memory:available",
    displayName: "Available memory",
    check: async (host) => {
      const kibibytes = /^MemAvailable:\s+(\d+) kB/m.exec((await host.readText("/proc/meminfo")) ?? "")?.[1];
      if (kibibytes === undefined) return pass("unknown");
      const bytes = Number(kibibytes) * 1024;
      const prop = formatBytes(bytes);
      // What a k0s that runs has taken it needs no more.
      if (bytes >= wanted || (await host.isRunning())) return pass(prop);
      return found(memoryTaken, prop, { wanted: formatBytes(wanted) });
    },
  };
}
