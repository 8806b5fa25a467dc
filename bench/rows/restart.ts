// A stop and what follows it: the same data started again, and a host that reboots.

import { sleep } from "../../src/std/wait.ts";
import type { BenchNode } from "../node.ts";
import type { Measurement, Row } from "../row.ts";

const seconds = (ms: number | undefined): number => (ms ?? Number.NaN) / 1000;

export const stopTime: Measurement<BenchNode> = {
  rows: [
    {
      id: "stop",
      what: "stop → every process of k0s gone",
      unit: "s",
      budget: 2,
      command: "kill $(pidof k0s)",
    },
  ],
  measure: async (node, signal) => {
    // Begun before, so that its own start is not measured.
    const gone = node.ask("wait-gone");
    await sleep(1_000, signal);
    const started = Date.now();
    await node.stopK0s();
    const stopped = Date.now();
    const { at = Number.NaN } = await gone;
    return new Map([["stop", seconds(Math.max(at, stopped) - started)]]);
  },
};

interface RestartBudgets {
  readonly api: number;
  readonly node?: number;
}

/** Rows `<prefix>restart-api`, `-node`; the latter if it has a budget. */
export function restartRows(
  prefix: string,
  command: string,
  budgets: RestartBudgets,
): Measurement<BenchNode> {
  const row = (name: "api" | "node", what: string, budget: number): Row => ({
    id: `${prefix}restart-${name}`,
    what,
    unit: "s",
    budget,
    command,
  });
  return {
    rows: [
      row("api", `restart of ${command} on existing data → API ready`, budgets.api),
      ...(budgets.node === undefined ? [] : [row("node", "→ node Ready", budgets.node)]),
    ],
    measure: async (node) => {
      await node.stopK0s();
      await node.ask("wait-gone");
      const startedAt = await node.startK0s();
      const until = budgets.node === undefined ? "api" : "node";
      const { api, node: ready } = await node.ask("follow-start", String(startedAt), until);
      return new Map([
        [`${prefix}restart-api`, seconds(api)],
        ...(until === "api" ? [] : [[`${prefix}restart-node`, seconds(ready)] as const]),
      ]);
    },
  };
}

export const rebootTime: Measurement<BenchNode> = {
  rows: [
    {
      id: "reboot",
      what: "host rebooted → every pod Ready",
      unit: "s",
      budget: 13,
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
