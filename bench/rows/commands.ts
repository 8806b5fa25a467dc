// How long short commands take.

import type { BenchNode } from "../node.ts";
import type { Measurement } from "../row.ts";

const times = 11;

export const commandTimes: Measurement<BenchNode> = {
  rows: [
    { id: "version-time", what: "k0s version", unit: "ms", budget: 15, command: "k0s version" },
    { id: "version-memory", what: "k0s version, most memory", unit: "MiB", command: "k0s version" },
    { id: "status-time", what: "k0s status", unit: "ms", budget: 40, command: "k0s status" },
    { id: "status-memory", what: "k0s status, most memory", unit: "MiB", command: "k0s status" },
  ],
  measure: async (node) => {
    const figures = new Map<string, number>();
    for (const name of ["version", "status"]) {
      const { ms = Number.NaN, peakMiB = Number.NaN } = await node.ask(
        "time-command",
        String(times),
        "k0s",
        name,
      );
      figures.set(`${name}-time`, ms).set(`${name}-memory`, peakMiB);
    }
    return figures;
  },
};
