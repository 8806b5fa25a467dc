// Faults of a node, put in and taken out again, and what `k0s status` says about each: the first line that it ends with, its
// exit code, and how long after the fault it says so.

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

/** Fails when the status does not say so in time, or is not green before and after. */
export async function seeFault(machine: TestMachine, fault: NodeFault): Promise<FaultRow> {
  await untilHealthy(machine);
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
  await untilHealthy(machine);
  return { fault: fault.name, firstLine: answer.firstLine, code: answer.code, seconds, slowestAnswerMs };
}

/** A table for people, in Markdown. */
export function faultTable(rows: readonly FaultRow[]): string {
  const cell = (text: string): string => text.replaceAll("|", String.raw`\|`).replaceAll("`", "'");
  return [
    "| fault | first line of `k0s status` | exit code | after |",
    "| --- | --- | --- | --- |",
    ...rows.map(
      ({ fault, firstLine, code, seconds }) =>
        `| ${cell(fault)} | ${cell(firstLine)} | ${code} | ${seconds.toFixed(1)} s |`,
    ),
  ].join("\n");
}

const pidOf = (component: string): string => `$(cat /run/k0s/${component}.pid)`;

export function frozen(component: string, says: RegExp): NodeFault {
  return {
    name: `${component} frozen`,
    says,
    inject: async (machine) => {
      await machine.ok(["/bin/sh", "-c", `kill -STOP ${pidOf(component)}`]);
      return () => machine.sh(`kill -CONT ${pidOf(component)}`);
    },
  };
}

export function killedForEver(component: string): NodeFault {
  return {
    name: `${component} killed again and again`,
    says: new RegExp(`^${component} is backing off: was ended by SIGKILL \\(\\d+ restarts?, `),
    inject: async (machine) => {
      const loop = `while :; do kill -9 ${pidOf(component)}; sleep 0.3; done`;
      const killer = await machine.start("killer", ["/bin/sh", "-c", loop]);
      return async () => {
        await killer.kill("SIGKILL");
        await killer.exited;
      };
    },
  };
}

/** A file in place of another; what was there comes back. */
export function replacedFile(name: string, path: string, content: string, says: RegExp): NodeFault {
  return {
    name,
    says,
    inject: async (machine) => {
      await machine.ok(["cp", "-a", path, "/root/saved"]);
      await machine.writeFile(path, content);
      return () => machine.ok(["mv", "/root/saved", path]);
    },
  };
}

export function strangersNetwork(): NodeFault {
  const path = "/etc/cni/net.d/05-cilium.conflist";
  return {
    name: "network configuration of another distribution",
    says: /^the network configuration \/etc\/cni\/net.d\/05-cilium.conflist \(cilium-cni\) is not of this cluster/,
    inject: async (machine) => {
      await machine.writeFile(
        path,
        JSON.stringify({ cniVersion: "0.3.1", name: "cilium", plugins: [{ type: "cilium-cni" }] }),
      );
      return () => machine.ok(["rm", path]);
    },
  };
}

export function frozenK0s(): NodeFault {
  return {
    name: "k0s itself frozen",
    says: /^Error: k0s does not answer within 2s/,
    inject: async (machine) => {
      const { Pid } = JSON.parse(await machine.ok(["k0s", "status", "-o", "json"])) as { Pid: number };
      await machine.ok(["kill", "-STOP", String(Pid)]);
      return () => machine.ok(["kill", "-CONT", String(Pid)]);
    },
  };
}
