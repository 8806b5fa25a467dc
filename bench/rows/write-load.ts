// What a write load costs in processor time.

import type { BenchNode } from "../node.ts";
import type { Measurement } from "../row.ts";

const writes = 3_000;
const programs = ["kube-apiserver", "etcd"] as const;

export const writeLoad: Measurement<BenchNode> = {
  rows: programs.map((program) => ({
    id: `write-load-${program}`,
    what: `${writes} ConfigMaps written: processor time of ${program}`,
    unit: "s",
    command: "k0s controller",
  })),
  measure: async (node) => {
    const found = await node.ask("write-load", String(writes));
    return new Map(programs.map((program) => [`write-load-${program}`, found[program] ?? Number.NaN]));
  },
};
