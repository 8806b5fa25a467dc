// Memory of the processes in the machine under measurement.

import { pollUntil, sleep } from "../../src/std/wait.ts";
import { byProgram, textOf } from "./processor-use.ts";

/** Of a process, a line of its smaps_rollup in MiB. */
export const memoryMiB =
  (line: "Pss" | "Anonymous") =>
  async (pid: string): Promise<number> =>
    Number(new RegExp(`^${line}:\\s+(\\d+)`, "m").exec(await textOf(pid, "smaps_rollup"))?.[1] ?? 0) / 1024;

/** Looks each second until the signal aborts; the most that all processes of a program had (PSS). */
export async function mostMemory(program: string, signal: AbortSignal): Promise<number> {
  let most = 0;
  while (!signal.aborted) {
    most = Math.max(most, (await byProgram(memoryMiB("Pss"))).get(program) ?? 0);
    await sleep(1_000, signal).catch(() => undefined);
  }
  return most;
}

export interface Watched {
  readonly ms: number;
  readonly from: number;
  readonly to: number;
  /** Most memory of k0s meanwhile, in MiB. */
  readonly memoryMiB: number;
}

/** Does something that k0s answers to, waits until `done`, and tells how long it took and what k0s held meanwhile. */
export async function watched(
  what: string,
  begin: () => Promise<void>,
  done: () => Promise<boolean>,
  timeoutMs = 280_000,
): Promise<Watched> {
  const over = new AbortController();
  const memory = mostMemory("k0s", over.signal);
  const from = Date.now();
  const started = performance.now();
  await begin();
  await pollUntil(done, { what, intervalMs: 250, timeoutMs });
  const ms = performance.now() - started;
  over.abort();
  return { ms, from, to: Date.now(), memoryMiB: await memory };
}
