// One wrong input: how to make it, and what k0s must say about it.

import { expect } from "bun:test";
import type { TestMachine } from "../../harness/test-machine.ts";
import { changes, machineState } from "./machine-state.ts";

export interface BadCase {
  readonly name: string;
  /** Makes what is wrong; what it returns takes it back. */
  readonly prepare?: (machine: TestMachine) => Promise<() => Promise<unknown>>;
  /** Default: `k0s controller --single` and `args`. */
  readonly argv?: readonly string[];
  readonly args?: readonly string[];
  /** Directories whose time of change alone may differ. */
  readonly touches?: readonly string[];
  /** What the error must say, in this order: what failed, why, and what to do. */
  readonly says: readonly (string | RegExp)[];
}

/** The command fails, says so in the way of `says`, and leaves the machine as it was. */
export async function expectRefused(machine: TestMachine, bad: BadCase): Promise<void> {
  const undo = await bad.prepare?.(machine);
  try {
    const before = await machineState(machine);
    const result = await machine.exec(bad.argv ?? ["k0s", "controller", "--single", ...(bad.args ?? [])]);
    const error = errorOf(result.stderr);
    expect({ code: result.code, error }).toEqual({ code: 1, error: expect.stringMatching(/^Error: /) });
    expectInOrder(error, bad.says);
    // A stack is for bugs in k0s.
    expect(result.stderr).not.toMatch(/^\s+at /m);
    const changed = changes(before, await machineState(machine));
    const touched = (line: string): boolean =>
      (bad.touches ?? []).some((dir) => line.startsWith(`- ${dir} d `) || line.startsWith(`+ ${dir} d `));
    expect(changed.filter((line) => !touched(line))).toEqual([]);
  } finally {
    await undo?.();
  }
}

function errorOf(stderr: string): string {
  return stderr.slice(Math.max(0, stderr.indexOf("Error: "))).trim();
}

function expectInOrder(text: string, parts: readonly (string | RegExp)[]): void {
  let rest = text;
  for (const part of parts) {
    const found = typeof part === "string" ? part : (part.exec(rest)?.[0] ?? `a text like ${part}`);
    expect(rest).toContain(found);
    rest = rest.slice(rest.indexOf(found) + found.length);
  }
}
