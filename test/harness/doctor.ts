// What `k0s doctor` says on a machine, and faults that it has to name: each put in, seen, and taken out again.

import { writeSync } from "node:fs";
import { expect } from "bun:test";
import { lookPause } from "./look-pause.ts";
import type { NodeFault } from "./node-faults.ts";
import type { TestMachine } from "./test-machine.ts";

export interface DoctorReport {
  readonly healthy: boolean;
  readonly links: readonly { readonly link: string; readonly state: string; readonly why?: string }[];
  readonly findings: readonly {
    readonly link: string;
    readonly what: string;
    readonly evidence: readonly string[];
    readonly remedy: string;
  }[];
  readonly consequences: readonly {
    readonly link: string;
    readonly what: string;
    readonly follows: string;
  }[];
}

export interface DoctorAnswer {
  readonly code: number;
  readonly report: DoctorReport;
  readonly seconds: number;
}

/** The longest that an answer may take, with the start of the program on a busy machine. */
const longestSeconds = 25;

/** A machine, or the host that has booted in one. */
interface Host {
  exec(argv: readonly string[], options?: { readonly timeoutMs: number }): ReturnType<TestMachine["exec"]>;
}

export async function doctorOf(machine: Host, ...flags: readonly string[]): Promise<DoctorAnswer> {
  const started = performance.now();
  const command = ["k0s", "doctor", "-o", "json", ...flags];
  const { code, stdout, stderr } = await machine.exec(command, { timeoutMs: 60_000 });
  const seconds = (performance.now() - started) / 1000;
  if (stdout === "") throw new Error(`k0s doctor says nothing, exit code ${code}: ${stderr}`);
  return { code, report: JSON.parse(stdout) as DoctorReport, seconds };
}

/** Until it finds nothing; fails with what it found last. */
export async function untilDoctorFindsNothing(
  machine: TestMachine,
  timeoutMs = 300_000,
): Promise<DoctorAnswer> {
  const began = performance.now();
  const deadline = began + timeoutMs;
  for (;;) {
    const answer = await doctorOf(machine);
    if (answer.code === 0 && answer.report.healthy) return answer;
    if (performance.now() > deadline)
      throw new Error(
        `doctor still finds something: ${JSON.stringify(answer.report.findings, undefined, 1)}`,
      );
    await Bun.sleep(lookPause(500)(performance.now() - began));
  }
}

export interface DoctorFault extends Pick<NodeFault, "name" | "inject" | "withinMs"> {
  /** The first broken link. */
  readonly link: string;
  /** What is said of it. */
  readonly what: RegExp;
  /** The node is not well before or after it: what is put in next comes on top, or the test repairs it. */
  readonly amongOthers?: true;
}

/** The same fault as for the status, with what the doctor says about it. */
export function diagnosed({ name, inject, withinMs }: NodeFault, link: string, what: RegExp): DoctorFault {
  return { name, inject, link, what, ...(withinMs === undefined ? {} : { withinMs }) };
}

/** Fails when the doctor does not name it first in time, or finds something before it was put in or after it is out. */
export async function seeDiagnosis(machine: TestMachine, fault: DoctorFault): Promise<void> {
  const { name, link, what, withinMs = 60_000, amongOthers } = fault;
  if (amongOthers !== true) await untilDoctorFindsNothing(machine);
  const repair = await fault.inject(machine);
  const started = performance.now();
  let answer: DoctorAnswer | undefined;
  let said: DoctorReport["findings"][number] | undefined;
  try {
    while (performance.now() - started < withinMs) {
      answer = await doctorOf(machine);
      said = answer.report.findings[0];
      if (said?.link === link && what.test(said.what)) break;
      await Bun.sleep(300);
    }
  } finally {
    await repair();
  }
  const shown = JSON.stringify(answer?.report, undefined, 1);
  expect([name, said?.link, said?.what, shown]).toEqual([
    name,
    link,
    expect.stringMatching(what) as string,
    shown,
  ]);
  expect([name, answer?.code]).toEqual([name, 1]);
  expect(answer?.seconds ?? 0).toBeLessThan(longestSeconds);
  expect([name, said?.remedy]).not.toEqual([name, ""]);
  if (answer !== undefined) printRow(name, answer);
  if (amongOthers !== true) await untilDoctorFindsNothing(machine);
}

/** The line of the table in docs/doctor.md: at once and past every buffer. */
function printRow(fault: string, { code, report, seconds }: DoctorAnswer): void {
  const [first] = report.findings;
  const follows = [...new Set(report.consequences.map(({ link }) => link))].join(", ");
  const cells = [
    fault,
    first?.link ?? "",
    first?.what ?? "",
    follows,
    String(code),
    `${seconds.toFixed(1)} s`,
  ];
  const text = cells.map((cell) =>
    cell
      .replaceAll("|", String.raw`\|`)
      .replaceAll("`", "'")
      .replaceAll("\n", " "),
  );
  writeSync(1, `| ${text.join(" | ")} |\n`);
}
