// Unpacking streams: what it needs does not grow with what is unpacked.

import type { Measurement } from "../row.ts";
import type { BenchNode } from "../node.ts";

export const stagingMemory: Measurement<BenchNode> = {
  rows: [
    {
      id: "staging-memory",
      what: "unpacking, most memory",
      unit: "MiB",
      budget: 100,
      command: "k0s controller --single",
    },
  ],
  measure: async (node) => {
    const { peakMiB = Number.NaN } = await node.ask("unpack-memory");
    return new Map([["staging-memory", peakMiB]]);
  },
};
