// Looks for the crash windows of some scenarios, in a process of their own.

import { expect } from "bun:test";
import { join } from "node:path";
import type { Outcome } from "./scenario.ts";

export async function expectNoCrashWindows(...scenarios: readonly string[]): Promise<void> {
  const here = (name: string): string => join(import.meta.dir, name);
  const preloads = ["quick-keys.ts", "../../harness/crash-points.ts"].map(
    (name) => `--preload=${here(name)}`,
  );
  const child = Bun.spawn([process.execPath, ...preloads, here("main.ts"), ...scenarios], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const lines = (await new Response(child.stdout).text()).split("\n").filter((line) => line !== "");
  expect(await child.exited).toBe(0);
  const outcomes = lines.map((line) => JSON.parse(line) as Outcome);
  for (const { scenario, changes } of outcomes)
    console.log(`${scenario}: killed at each of ${changes} changes`);
  expect(outcomes.map(({ scenario }) => scenario)).toEqual([...scenarios]);
  for (const { scenario, changes, failures } of outcomes) {
    expect([scenario, ...failures]).toEqual([scenario]);
    expect([scenario, changes > 5]).toEqual([scenario, true]);
  }
}
