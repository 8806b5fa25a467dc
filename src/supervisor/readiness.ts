// Waits until a component is ready, and says well why it did not become so: it keeps dying, or time is up.

import { errorMessage, UserError } from "../std/errors.ts";
import { formatDuration } from "../std/duration.ts";
import { sleep } from "../std/wait.ts";
import type { Component } from "./component.ts";
import { lineSeverity } from "./severity.ts";

/** So many ends before it was ever ready, and it is not going to be. */
const hopelessRestarts = 5;
const inspectMs = 250;

/** Resolves when ready; rejects with a UserError that names the component and shows its last output. */
export async function awaitReady(
  component: Component,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<void> {
  if (component.ready === undefined) return;
  const over = new AbortController();
  const abort = AbortSignal.any([signal, over.signal]);
  const deadline = performance.now() + timeoutMs;
  try {
    await Promise.race([component.ready(abort), giveUp(component, deadline, timeoutMs, abort)]);
  } catch (err) {
    signal.throwIfAborted();
    throw err instanceof NotReady ? err.report : notReady(component, errorMessage(err), err);
  } finally {
    over.abort();
  }
}

class NotReady extends Error {
  readonly report: UserError;

  constructor(report: UserError) {
    super(report.message);
    this.report = report;
  }
}

async function giveUp(
  component: Component,
  deadline: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const details = component.inspect?.() ?? {};
    if ((details.restarts ?? 0) >= hopelessRestarts) {
      throw new NotReady(
        notReady(
          component,
          `its process ends again and again (${details.lastExit ?? "for no known reason"})`,
        ),
      );
    }
    const left = deadline - performance.now();
    if (left <= 0) {
      const because = details.waitingBecause === undefined ? "" : ` (${details.waitingBecause})`;
      const what = details.waitingFor === undefined ? "" : `, waiting for ${details.waitingFor}${because}`;
      throw new NotReady(notReady(component, `not ready after ${formatDuration(timeoutMs)}${what}`));
    }
    await quietSleep(Math.min(inspectMs, left), signal);
    if (signal.aborted) return;
  }
}

/** The race is over when the signal comes; nobody reads this rejection. */
async function quietSleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, signal);
  } catch (err) {
    if (!signal.aborted) throw err;
  }
}

function notReady(component: Component, why: string, cause?: unknown): UserError {
  const output = tellingLines(component.inspect?.().lastOutput ?? []);
  const lines =
    output.length === 0 ? "" : `\nIts last output:\n${output.map((line) => `  ${line}`).join("\n")}`;
  const hint = cause instanceof UserError ? cause.hint : undefined;
  return new UserError(`${component.name} did not become ready: ${why}.${lines}`, {
    code: "component-not-ready",
    ...(cause === undefined ? {} : { cause }),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The errors among the last lines, and what bears no severity, such as a panic; if there are none, the last lines. */
export function tellingLines(output: readonly string[]): readonly string[] {
  const errors = output.filter((line) => (lineSeverity(line) ?? "error") === "error");
  return (errors.length > 0 ? errors : output).slice(-10);
}
