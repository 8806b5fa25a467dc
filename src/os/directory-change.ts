// Waits for the next change in a directory. Events come at once but can be missed, so it also returns now and then
// without one.

import { type FSWatcher, watch } from "node:fs";
import { errno, isNotFound } from "../std/errors.ts";

const pollMs = 10_000;

/** Watches from the moment of the call. Returns early when the signal aborts. */
export async function nextChange(dir: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const watcher = tryWatch(dir, resolve);
  const timer = setTimeout(resolve, pollMs);
  const onAbort = () => resolve();
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) resolve();
  try {
    await promise;
  } finally {
    signal.removeEventListener("abort", onAbort);
    clearTimeout(timer);
    watcher?.close();
  }
}

/** Out of inotify instances (EMFILE) or watches (ENOSPC), which all programs of a user share. */
export function isWatchLimit(err: unknown): boolean {
  return ["EMFILE", "ENOSPC"].includes(errno(err) ?? "");
}

/** Undefined when the directory is not there or cannot be watched: then only the poll will notice a change. */
function tryWatch(dir: string, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(dir, onChange);
    watcher.on("error", onChange);
    return watcher;
  } catch (err) {
    if (isNotFound(err) || isWatchLimit(err)) return undefined;
    throw err;
  }
}
