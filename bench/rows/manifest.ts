// A file put into the manifests folder becomes an object.

import type { BenchCluster } from "../cluster.ts";
import type { Measurement } from "../row.ts";

export const manifestTime: Measurement<BenchCluster> = {
  rows: [
    {
      id: "manifest",
      what: "manifest dropped → object exists",
      unit: "s",
      budget: 0.5,
      command: "mv file.yaml /var/lib/k0s/manifests/bench/",
    },
  ],
  measure: async (cluster) => {
    const { ms = Number.NaN } = await cluster.ask("drop-manifest");
    return new Map([["manifest", ms / 1000]]);
  },
};
