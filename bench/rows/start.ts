// From k0s's start to a usable cluster: API ready, node Ready, every system pod Ready and DNS answers in a pod.

import type { BenchNode } from "../node.ts";
import type { Measurement, Row } from "../row.ts";

const seconds = (ms: number | undefined): number => (ms ?? Number.NaN) / 1000;

export interface StartBudgets {
  readonly api: number;
  readonly node?: number;
  readonly pods?: number;
}

/** Rows `<prefix>-api`, `-api-cpu`, `-node`, `-pods`; of the last two those that have a budget. */
export function startRows(
  prefix: string,
  what: string,
  command: string,
  budgets: StartBudgets,
): Measurement<BenchNode> {
  const row = (name: string, text: string, budget?: number): Row => ({
    id: `${prefix}-${name}`,
    what: text,
    unit: "s",
    command,
    ...(budget === undefined ? {} : { budget }),
  });
  const rows = [
    row("api", `${what} → API ready`, budgets.api),
    row("api-cpu", "processor time of the whole machine until then"),
    ...(budgets.node === undefined ? [] : [row("node", "→ node Ready", budgets.node)]),
    ...(budgets.pods === undefined
      ? []
      : [row("pods", "→ every system pod Ready, DNS answers a pod", budgets.pods)]),
  ];
  const until = budgets.pods !== undefined ? "pods" : budgets.node !== undefined ? "node" : "api";
  return {
    rows,
    always: true,
    measure: async (node) => {
      const startedAt = await node.startK0s();
      const moments = await node.ask("follow-start", String(startedAt), until, "0");
      const figures = new Map([
        [`${prefix}-api`, seconds(moments["api"])],
        [`${prefix}-api-cpu`, seconds(moments["cpu api"])],
        [`${prefix}-node`, seconds(moments["node"])],
      ]);
      if (budgets.pods !== undefined) {
        const { at } = await node.askInPod("metrics-server", "ask-dns");
        figures.set(`${prefix}-pods`, seconds((at ?? Number.NaN) - startedAt));
      }
      return new Map([...figures].filter(([id]) => rows.some((one) => one.id === id)));
    },
  };
}

/** A start that is not measured, for what needs a cluster whose pods run. */
export const started: Measurement<BenchNode> = {
  rows: [],
  always: true,
  measure: async (node) => {
    await node.ask("follow-start", String(await node.startK0s()), "pods", "0");
    return new Map();
  },
};
