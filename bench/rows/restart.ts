// A stop and what follows it: the same data started again, and a host that reboots.

import type { BenchNode } from "../node.ts";
import type { Measurement } from "../row.ts";

const seconds = (ms: number | undefined): number => (ms ?? Number.NaN) / 1000;

export const stopTime: Measurement<BenchNode> = {
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
  measure: async (node) => {
    const started = Date.now();
    await node.stopK0s();
    const { at = Number.NaN } = await node.ask("wait-gone");
    return new Map([["stop", seconds(at - started)]]);
  },
};

export const restartTimes: Measurement<BenchNode> = {
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
  measure: async (node) => {
    const startedAt = await node.startK0s();
    const { api, node: nodeReady } = await node.ask("follow-start", String(startedAt), "node");
    return new Map([
      ["restart-api", seconds(api)],
      ["restart-node", seconds(nodeReady)],
    ]);
  },
};

export const rebootTime: Measurement<BenchNode> = {
  rows: [
    {
      id: "reboot",
      what: "host rebooted → every pod Ready",
      unit: "s",
      budget: 20,
      command: "k0s controller --single",
    },
  ],
  measure: async (node) => {
    await node.machine.reboot();
    const startedAt = await node.startK0s();
    const { pods } = await node.ask("follow-start", String(startedAt), "pods");
    return new Map([["reboot", seconds(pods)]]);
  },
};
