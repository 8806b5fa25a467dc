// What a node costs that has nothing to do.

import type { BenchNode } from "../node.ts";
import type { Group, Measurement, Row, Unit } from "../row.ts";
import { sleep } from "../../src/std/wait.ts";

// Go collects garbage after two minutes at the latest, and returns it to the system after that. With the window for processor
// and log, memory is looked at after three minutes.
const settleMs = 130_000;
const windowSeconds = 60;

/** Those that are absent have no budget, and their rows are there all the same. */
export interface IdleBudgets {
  readonly memory: number;
  /** Memory that no file backs: the kernel cannot take it back. */
  readonly anonymous?: number;
  readonly supervisor?: number;
  readonly supervisorAnonymous?: number;
  readonly cpu?: number;
  readonly disk?: number;
  readonly logLines?: number;
  /** Of k0s itself, a minute. Only of a cluster that counts them: requests-log.ts. */
  readonly requests?: number;
}

/** Rows `<prefix>-memory`, `-anonymous`, `-supervisor`, `-supervisor-anonymous`, `-cpu`, `-supervisor-cpu`, `-disk`, `-log`, `-requests`. */
export function idleRows(
  prefix: string,
  what: string,
  command: string,
  budgets: IdleBudgets,
): Measurement<BenchNode> {
  const row = (name: string, text: string, unit: Unit, budget: number | undefined, group?: Group): Row => ({
    id: `${prefix}-${name}`,
    what: `idle, ${what}: ${text}`,
    unit,
    command,
    ...(budget === undefined ? {} : { budget }),
    ...(group === undefined ? {} : { group }),
  });
  const memoryRow = (name: string, text: string, budget: number | undefined): Row =>
    row(name, text, "MiB", budget, "idle-memory");
  const { requests } = budgets;
  const rows = [
    memoryRow("memory", "memory (PSS)", budgets.memory),
    memoryRow("anonymous", "anonymous memory", budgets.anonymous),
    memoryRow("supervisor", "memory (PSS) of k0s itself", budgets.supervisor),
    memoryRow("supervisor-anonymous", "anonymous memory of k0s itself", budgets.supervisorAnonymous),
    row("cpu", "CPU, of one core", "%", budgets.cpu),
    row("supervisor-cpu", "CPU of k0s itself, of one core", "%", undefined),
    row("disk", "data directory", "MB", budgets.disk),
    row("log", "log lines a minute", "lines", budgets.logLines),
    ...(requests === undefined ? [] : [row("requests", "requests of k0s itself", "/min", requests)]),
  ];
  return {
    rows,
    measure: async (node, signal) => {
      await sleep(settleMs, signal);
      const linesBefore = lines(await node.log());
      const from = Date.now();
      const found = await node.ask("idle", String(windowSeconds));
      const to = Date.now();
      const logged = lines(await node.log()) - linesBefore;
      const asked = requests === undefined ? {} : await node.ask("requests", String(from), String(to));
      if (process.env["BENCH_DETAILS"] !== undefined) console.error(found, asked);
      const figures: Record<string, number> = {
        memory: found["pss"] ?? Number.NaN,
        anonymous: found["anonymous"] ?? Number.NaN,
        supervisor: found["pss k0s"] ?? Number.NaN,
        "supervisor-anonymous": found["anonymous k0s"] ?? Number.NaN,
        cpu: found["cpuPercent"] ?? Number.NaN,
        "supervisor-cpu": found["cpu k0s"] ?? Number.NaN,
        disk: found["diskMB"] ?? Number.NaN,
        log: (logged * 60_000) / (to - from),
        requests: (asked["all"] ?? Number.NaN) * 60,
      };
      return new Map(rows.map(({ id }) => [id, figures[id.slice(prefix.length + 1)] ?? Number.NaN] as const));
    },
  };
}

function lines(text: string): number {
  return text.split("\n").length - 1;
}
