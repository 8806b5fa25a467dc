// A file put into the manifests folder becomes an object.

import type { BenchNode } from "../node.ts";
import type { Measurement } from "../row.ts";

export const manifestTime: Measurement<BenchNode> = {
  rows: [
    {
      id: "manifest",
      what: "manifest dropped → object exists",
      unit: "s",
      budget: 0.2,
      command: "mv file.yaml /var/lib/k0s/manifests/bench/",
    },
  ],
  measure: async (node) => {
    const { ms = Number.NaN } = await node.ask("drop-manifest");
    return new Map([["manifest", ms / 1000]]);
  },
};
