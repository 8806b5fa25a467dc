// A kube-apiserver that dies.

import type { BenchCluster } from "../cluster.ts";
import type { Measurement } from "../row.ts";

export const apiserverKilled: Measurement<BenchCluster> = {
  rows: [
    {
      id: "kill-apiserver",
      what: "kill -9 kube-apiserver → API ready",
      unit: "s",
      budget: 3.5,
      command: "kill -9 $(cat /run/k0s/kube-apiserver.pid)",
    },
  ],
  measure: async (cluster) => {
    const { ms = Number.NaN } = await cluster.ask("kill-apiserver");
    return new Map([["kill-apiserver", ms / 1000]]);
  },
};
