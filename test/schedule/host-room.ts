// What the kernel says of this host: how much of its processors' time nothing used, and how much memory is left.

import { readFileSync } from "node:fs";
import type { Room } from "./side-by-side.ts";

/** Of all processors since the host started, in the kernel's ticks. */
export interface ProcessorTime {
  readonly idle: number;
  readonly total: number;
}

/** From /proc/stat. Waiting for a disk is no idleness: more files would make it longer. */
export function processorTime(stat: string): ProcessorTime {
  // user nice system idle iowait irq softirq steal; what guests take is part of user and nice.
  const ticks = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? "").split(" ").slice(0, 8).map(Number);
  return { idle: ticks[3] ?? 0, total: ticks.reduce((sum, one) => sum + one, 0) };
}

/** Share between two looks; 0 when no time has passed. */
export function idleShare(before: ProcessorTime, after: ProcessorTime): number {
  const total = after.total - before.total;
  return total === 0 ? 0 : (after.idle - before.idle) / total;
}

/** From /proc/meminfo, in bytes. */
export function availableMemory(meminfo: string): number {
  return Number(/^MemAvailable: +(\d+) kB$/m.exec(meminfo)?.[1] ?? 0) * 1024;
}

export function processorTimeNow(): ProcessorTime {
  return processorTime(readFileSync("/proc/stat", "utf8"));
}

const windowMs = 10_000;

/** Each call looks again; what is idle is told of the time since the first look that is not older than ten seconds. */
export function hostRoom(): () => Room {
  let looks: { readonly at: number; readonly time: ProcessorTime }[] = [];
  return () => {
    const at = performance.now();
    const time = processorTimeNow();
    looks = [...looks.filter((look) => at - look.at <= windowMs), { at, time }];
    return {
      idle: idleShare(looks[0]?.time ?? time, time),
      memory: availableMemory(readFileSync("/proc/meminfo", "utf8")),
    };
  };
}
