// Waits until a component is ready, as long as it makes progress, and says now and then what it waits for. Gives up, with
// the reason, when its process keeps ending or nothing has moved for long.

import { processorMs } from "../os/processor-time.ts";
import { formatDuration } from "../std/duration.ts";
import { errorMessage, UserError } from "../std/errors.ts";
import type { Logger } from "../std/log.ts";
import { pause } from "../std/wait.ts";
import type { Component } from "./component.ts";
import { lineSeverity } from "./severity.ts";
import { startProgress } from "./start-progress.ts";
import { waitingText } from "./waiting.ts";

export interface ReadinessPatience {
  readonly log: Logger;
  /** After this long without progress it is given up. */
  readonly quietMs: number;
  /** Restarts before this wait, which do not count; default 0. */
  readonly restartsBefore?: number;
  /** From one message about the wait to the next. */
  readonly reportMs?: number;
}

/** After this many ends before it was ever ready, it will not be. */
const hopelessRestarts = 5;
const inspectMs = 250;
/** Work is measured over this time. */
const sampleMs = 5_000;
const defaultReportMs = 30_000;

/** It was given up. An error that names its own cause is another UserError. */
export class NotReadyError extends UserError {}

/** Resolves when ready; rejects with a UserError that names the component and shows its last output. */
export async function awaitReady(
  component: Component,
  signal: AbortSignal,
  patience: ReadinessPatience,
): Promise<void> {
  if (component.ready === undefined) return;
  const over = new AbortController();
  const abort = AbortSignal.any([signal, over.signal]);
  try {
    await Promise.race([component.ready(abort), giveUp(component, patience, abort)]);
  } catch (err) {
    signal.throwIfAborted();
    throw err instanceof NotReadyError ? err : notReady(component, errorMessage(err), err);
  } finally {
    over.abort();
  }
}

/** Rejects when there is no hope; returns when the signal aborts. */
async function giveUp(component: Component, patience: ReadinessPatience, signal: AbortSignal): Promise<void> {
  const { log, quietMs, restartsBefore = 0, reportMs = defaultReportMs } = patience;
  const startedAt = performance.now();
  const progress = startProgress(startedAt);
  let reportAt = startedAt + reportMs;
  let sampleAt = startedAt;
  for (;;) {
    const details = component.inspect?.() ?? {};
    const now = performance.now();
    if ((details.restarts ?? 0) - restartsBefore >= hopelessRestarts) {
      const how = details.lastExit ?? "for no known reason";
      throw givenUp(component, `its process ends again and again (${how})`);
    }
    const used = now >= sampleAt && details.pid !== undefined ? await processorMs(details.pid) : undefined;
    if (now >= sampleAt) sampleAt = now + sampleMs;
    const quiet = progress.quietMs(now, { details, processorMs: used });
    if (quiet >= quietMs) {
      const waits = waitingText(details);
      const waiting = waits === undefined ? "" : `, waiting for ${waits}`;
      throw givenUp(component, `nothing has moved for ${formatDuration(quietMs)}${waiting}`);
    }
    if (now >= reportAt) {
      reportAt = now + reportMs;
      const { waitingFor, waitingBecause } = details;
      const since = formatDuration(Math.round((now - startedAt) / 1000) * 1000);
      log.warn("Still waiting for a component to become ready", {
        component: component.name,
        since,
        waitingFor,
        because: waitingBecause,
        says: details.lastOutput?.at(-1),
      });
    }
    await pause(inspectMs, signal);
    if (signal.aborted) return;
  }
}

function givenUp(component: Component, why: string): NotReadyError {
  return new NotReadyError(notReadyText(component, why), { code: "component-not-ready" });
}

function notReady(component: Component, why: string, cause: unknown): UserError {
  const hint = cause instanceof UserError ? cause.hint : undefined;
  return new UserError(notReadyText(component, why), {
    code: "component-not-ready",
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}

function notReadyText(component: Component, why: string): string {
  const { pid, lastOutput = [], lastWords = lastOutput } = component.inspect?.() ?? {};
  const output = tellingLines(pid === undefined ? lastWords : lastOutput);
  const lines =
    output.length === 0 ? "" : `\nIts last output:\n${output.map((line) => `  ${line}`).join("\n")}`;
  return `${component.name} did not become ready: ${why}.${lines}`;
}

/** The errors among the last lines, and what bears no severity, such as a panic; if there are none, the last lines. */
export function tellingLines(output: readonly string[]): readonly string[] {
  const said = withoutUsage(output);
  const errors = said.filter((line) => (lineSeverity(line) ?? "error") === "error");
  return (errors.length > 0 ? errors : said).slice(-10);
}

/** A program that does not understand its flags says so first, and then explains all of them. */
function withoutUsage(lines: readonly string[]): readonly string[] {
  let usage = false;
  return lines.filter((line) => {
    if (/^usage\b/i.test(line)) usage = true;
    else if (lineSeverity(line) !== undefined || complaint.test(line)) usage = false;
    return !usage;
  });
}

const complaint = /^(error|panic|fatal|flag provided|unknown|invalid)\b/i;
