// Ends a child: SIGTERM, patience, SIGKILL to its group, patience again; and says so when even that does not end it.

import { unendingProcess } from "../os/unending-process.ts";
import type { Logger } from "../std/log.ts";

export interface EndingChild {
  readonly pid: number;
  /** Resolves once it has ended and nothing of it is left. */
  readonly ended: Promise<void>;
  /** Harmless when it has ended. */
  signal(signal: NodeJS.Signals, options?: { readonly group?: boolean }): void;
}

export interface EndPatience {
  readonly name: string;
  readonly log: Logger;
  /** From SIGTERM to SIGKILL; 0: no SIGTERM. */
  readonly timeoutMs: number;
  /** From SIGKILL until it is given up. */
  readonly killTimeoutMs: number;
}

/** Throws a UserError with what it waits for when SIGKILL does not end it: then it is still there. */
export async function endChild(child: EndingChild, patience: EndPatience): Promise<void> {
  const { name, log, timeoutMs, killTimeoutMs } = patience;
  if (timeoutMs > 0) {
    child.signal("SIGTERM");
    if (await isOver(child.ended, timeoutMs)) return;
    log.warn("Process did not stop in time, killing it", { pid: child.pid, timeoutMs });
  }
  child.signal("SIGKILL", { group: true });
  if (await isOver(child.ended, killTimeoutMs)) return;
  const unending = await unendingProcess(name, child.pid, killTimeoutMs);
  log.error("Process does not end though it was killed", { pid: child.pid, err: unending.message });
  throw unending;
}

/** False if `ms` pass before; leaves no timer behind. */
async function isOver(ended: Promise<void>, ms: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  try {
    return await Promise.race([promise, ended.then(() => true)]);
  } finally {
    clearTimeout(timer);
  }
}
