// Faults of a node, put in and taken out again, and what `k0s status` says about each: the first line that it ends with, its
// exit code, and how long after the fault it says so.

import { writeSync } from "node:fs";
import { expect } from "bun:test";
import type { TestMachine } from "./test-machine.ts";

export interface NodeFault {
  readonly name: string;
  /** What the first line has to say. */
  readonly says: RegExp;
  /** Puts the fault in; returns how to take it out. */
  readonly inject: (machine: TestMachine) => Promise<() => Promise<unknown>>;
  /** How long the status may take; default 60 s. */
  readonly withinMs?: number;
  /** The node was not well before, and is not to be afterwards: faults put in one after the other, by new starts of k0s. */
  readonly amongOthers?: true;
}

export interface FaultRow {
  readonly fault: string;
  readonly firstLine: string;
  readonly code: number;
  readonly seconds: number;
  /** The slowest answer while the fault was there. */
  readonly slowestAnswerMs: number;
}

interface Answer {
  readonly code: number;
  readonly firstLine: string;
  readonly ms: number;
}

/** Starts the program, too: on a busy machine that takes its time. */
export async function statusOf(machine: TestMachine): Promise<Answer> {
  const started = performance.now();
  const { code, stdout, stderr } = await machine.exec(["k0s", "status"], { timeoutMs: 30_000 });
  const [firstLine = ""] = (stdout === "" ? stderr : stdout).split("\n");
  return { code, firstLine: firstLine.replace(/^✖ /, ""), ms: performance.now() - started };
}

/** What the status says once all is well. */
export async function untilHealthy(machine: TestMachine, timeoutMs = 300_000): Promise<void> {
  let last = "";
  await machine
    .waitFor(
      "good health",
      async () => {
        const { code, firstLine } = await statusOf(machine);
        last = firstLine;
        return code === 0;
      },
      { intervalMs: 500, timeoutMs },
    )
    .catch((err: unknown) => {
      throw new Error(`${String(err)}: ${last}`);
    });
}

/**
 * Fails when the status does not say so in time, or is not green before and after. The seconds are those from the moment
 * that the fault is in place to the end of the answer; the repair is not among them.
 */
export async function seeFault(machine: TestMachine, fault: NodeFault): Promise<FaultRow> {
  if (fault.amongOthers !== true) await untilHealthy(machine);
  const repair = await fault.inject(machine);
  const started = performance.now();
  let answer: Answer = { code: 0, firstLine: "", ms: 0 };
  let slowestAnswerMs = 0;
  let seconds = 0;
  try {
    while (performance.now() - started < (fault.withinMs ?? 60_000)) {
      answer = await statusOf(machine);
      slowestAnswerMs = Math.max(slowestAnswerMs, answer.ms);
      seconds = (performance.now() - started) / 1000;
      if (answer.code === 1 && fault.says.test(answer.firstLine)) break;
      await Bun.sleep(200);
    }
  } finally {
    await repair();
  }
  expect([fault.name, answer.firstLine]).toEqual([fault.name, expect.stringMatching(fault.says) as string]);
  expect([fault.name, answer.code]).toEqual([fault.name, 1]);
  if (fault.amongOthers !== true) await untilHealthy(machine);
  return { fault: fault.name, firstLine: answer.firstLine, code: answer.code, seconds, slowestAnswerMs };
}

/** The line of the table in docs/status.md. */
function rowText({ fault, firstLine, code, seconds }: FaultRow): string {
  const cell = (text: string): string => text.replaceAll("|", String.raw`\|`).replaceAll("`", "'");
  return `| ${cell(fault)} | ${cell(firstLine)} | ${code} | ${seconds.toFixed(1)} s |`;
}

/** At once and past every buffer: a run that is cut short has seen what it has seen. */
export function printRow(row: FaultRow): void {
  writeSync(1, `${rowText(row)}\n`);
}
