// A kube-apiserver that dies.

import type { BenchNode } from "../node.ts";
import type { Measurement } from "../row.ts";

export const apiserverKilled: Measurement<BenchNode> = {
  rows: [
    {
      id: "kill-apiserver",
      what: "kill -9 kube-apiserver → API ready",
      unit: "s",
      budget: 3,
      command: "kill -9 $(cat /run/k0s/kube-apiserver.pid)",
    },
  ],
  measure: async (node) => {
    const { ms = Number.NaN } = await node.ask("kill-apiserver");
    return new Map([["kill-apiserver", ms / 1000]]);
  },
};
