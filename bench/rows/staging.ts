// The most memory that k0s ever had, read when the cluster is ready: unpacking is over by then.

import type { BenchNode } from "../node.ts";
import type { Measurement } from "../row.ts";

export const stagingMemory: Measurement<BenchNode> = {
  rows: [
    {
      id: "staging-memory",
      what: "unpacking, most memory of k0s that is not its own program",
      unit: "MiB",
      budget: 100,
      command: "k0s controller --single",
    },
  ],
  measure: async (node) => {
    const { anonymousPeakMiB = Number.NaN } = await node.ask("peak-memory");
    return new Map([["staging-memory", anonymousPeakMiB]]);
  },
};
