// The log level of a component changed through the status socket, which only root reaches.

import type { LogLevel } from "../std/log.ts";
import type { LogLevelChange } from "../supervisor/log-level.ts";

export const logLevelPath = "/log-level";

export interface LogLevels {
  /** See ComponentGroup.setLogLevel. */
  set(component: string, change: LogLevelChange): boolean | undefined;
  restart(component: string, signal: AbortSignal): Promise<void>;
}

export interface LogLevelRequest extends LogLevelChange {
  readonly component: string;
  /** Start its process again, with the level. */
  readonly restart: boolean;
}

/** `unknown`: nothing of that name has a process here; `fixed`: its arguments say no level. */
export type LogLevelOutcome = { readonly outcome: "changed" | "unknown" | "fixed" };

export async function changeLogLevel(
  levels: LogLevels,
  request: unknown,
  signal: AbortSignal,
): Promise<LogLevelOutcome> {
  const { component, restart, shown, own } = request as LogLevelRequest;
  if (shown !== null && !shownLevels.includes(shown)) throw new Error(`there is no level ${shown}`);
  const done = levels.set(component, own === undefined ? { shown } : { shown, own });
  if (done === undefined) return { outcome: "unknown" };
  if (!done) return { outcome: "fixed" };
  if (restart) await levels.restart(component, signal);
  return { outcome: "changed" };
}

export const shownLevels: readonly LogLevel[] = ["debug", "info", "warn", "error"];
