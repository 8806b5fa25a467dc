// Waits until a component whose process runs again can be relied on again.

import { createBackoff } from "../std/backoff.ts";
import { sleep, unlessAborted } from "../std/wait.ts";
import type { Component } from "./component.ts";

/** Of one look at its health. */
const attemptMs = 5_000;
const pauses = { firstMs: 100, longestMs: 2_000 };
/** What has no health check is well when it has run for this long. */
const settleMs = 5_000;

/** Resolves when its health check passes; without one when it says that it is ready, or has been left alone for a while. */
export async function awaitRecovery(component: Component, signal: AbortSignal): Promise<void> {
  if (component.health === undefined) return component.ready?.(signal) ?? sleep(settleMs, signal);
  const backoff = createBackoff(pauses);
  while (!(await isHealthy(component, signal))) await sleep(backoff.failed(), signal);
}

async function isHealthy(component: Component, signal: AbortSignal): Promise<boolean> {
  const attempt = AbortSignal.any([signal, AbortSignal.timeout(attemptMs)]);
  try {
    await unlessAborted(component.health?.(attempt), attempt);
    return true;
  } catch {
    // Whatever it says: not yet. The component itself tells the reason.
    signal.throwIfAborted();
    return false;
  }
}
