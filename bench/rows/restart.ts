// A stop and what follows it: the same data started again, and a host that reboots.

import type { BenchCluster } from "../cluster.ts";
import type { Measurement } from "../row.ts";

const seconds = (ms: number | undefined): number => (ms ?? Number.NaN) / 1000;

export const stopTime: Measurement<BenchCluster> = {
  rows: [
    {
      id: "stop",
      what: "stop → every process of ours gone",
      unit: "s",
      budget: 2,
      command: "kill $(pidof k0s)",
    },
  ],
  always: true,
  measure: async (cluster) => {
    const started = Date.now();
    await cluster.stopK0s();
    const { at = Number.NaN } = await cluster.ask("wait-gone");
    return new Map([["stop", seconds(at - started)]]);
  },
};

export const restartTimes: Measurement<BenchCluster> = {
  rows: [
    {
      id: "restart-api",
      what: "restart on existing data → API ready",
      unit: "s",
      budget: 3.2,
      command: "k0s controller --single",
    },
    { id: "restart-node", what: "→ node Ready", unit: "s", budget: 5, command: "k0s controller --single" },
  ],
  measure: async (cluster) => {
    const startedAt = await cluster.startK0s();
    const { api, node } = await cluster.ask("follow-start", String(startedAt), "node");
    return new Map([
      ["restart-api", seconds(api)],
      ["restart-node", seconds(node)],
    ]);
  },
};

export const rebootTime: Measurement<BenchCluster> = {
  rows: [
    {
      id: "reboot",
      what: "host rebooted → every pod Ready",
      unit: "s",
      budget: 20,
      command: "k0s controller --single",
    },
  ],
  measure: async (cluster) => {
    await cluster.machine.reboot();
    const startedAt = await cluster.startK0s();
    const { pods } = await cluster.ask("follow-start", String(startedAt), "pods");
    return new Map([["reboot", seconds(pods)]]);
  },
};
