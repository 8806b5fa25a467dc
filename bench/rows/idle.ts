// What a node costs that has nothing to do.

import type { BenchNode } from "../node.ts";
import type { Measurement, Row, Unit } from "../row.ts";
import { sleep } from "../../src/std/wait.ts";

// Go collects garbage after two minutes at the latest, and returns it to the system after that.
const settleMs = 130_000;
// Processor and log need one; memory is a moment's.
const longWindow = 60;
const shortWindow = 5;

export interface IdleBudgets {
  readonly memory: number;
  /** Memory that no file backs: the kernel cannot take it back. */
  readonly anonymous?: number;
  readonly supervisor?: number;
  readonly supervisorAnonymous?: number;
  readonly cpu?: number;
  readonly disk?: number;
  readonly logLines?: number;
}

/** Rows `<prefix>-memory`, `-anonymous`, `-supervisor`, `-supervisor-anonymous`, `-cpu`, `-disk`, `-log`, those that have a budget. */
export function idleRows(
  prefix: string,
  what: string,
  command: string,
  budgets: IdleBudgets,
): Measurement<BenchNode> {
  const row = (name: string, text: string, unit: Unit, budget: number | undefined): Row[] =>
    budget === undefined
      ? []
      : [{ id: `${prefix}-${name}`, what: `idle, ${what}: ${text}`, unit, budget, command }];
  const rows = [
    ...row("memory", "memory (PSS)", "MiB", budgets.memory),
    ...row("anonymous", "anonymous memory", "MiB", budgets.anonymous),
    ...row("supervisor", "memory (PSS) of k0s itself", "MiB", budgets.supervisor),
    ...row("supervisor-anonymous", "anonymous memory of k0s itself", "MiB", budgets.supervisorAnonymous),
    ...row("cpu", "CPU, of one core", "%", budgets.cpu),
    ...row("disk", "data directory", "MB", budgets.disk),
    ...row("log", "log lines a minute", "lines", budgets.logLines),
  ];
  const windowSeconds =
    budgets.cpu === undefined && budgets.logLines === undefined ? shortWindow : longWindow;
  return {
    rows,
    measure: async (node, signal) => {
      await sleep(settleMs, signal);
      const before = lines(await node.log());
      const found = await node.ask("idle", String(windowSeconds));
      const logged = lines(await node.log()) - before;
      if (process.env["BENCH_DETAILS"] !== undefined) console.error(found);
      const figures: Record<string, number> = {
        memory: found["pss"] ?? Number.NaN,
        anonymous: found["anonymous"] ?? Number.NaN,
        supervisor: found["pss k0s"] ?? Number.NaN,
        "supervisor-anonymous": found["anonymous k0s"] ?? Number.NaN,
        cpu: found["cpuPercent"] ?? Number.NaN,
        disk: found["diskMB"] ?? Number.NaN,
        log: (logged * 60) / windowSeconds,
      };
      return new Map(rows.map(({ id }) => [id, figures[id.slice(prefix.length + 1)] ?? Number.NaN] as const));
    },
  };
}

function lines(text: string): number {
  return text.split("\n").length - 1;
}
