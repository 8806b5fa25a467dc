// Keeps the pid file of a child. A process runs without one: where it cannot be written, as on a full disk, k0s says so
// and tries again.

import type { ProcessId } from "../os/processes.ts";
import { errorMessage } from "../std/errors.ts";
import { type Logger, unfailing } from "../std/log.ts";
import { pause } from "../std/wait.ts";
import { writePidFile } from "./left-over.ts";

export interface KeptPidFile {
  /** Why it is not there; undefined when it is. */
  trouble(): { readonly what: string; readonly since: Date } | undefined;
  /** Tries no more; resolves when nothing writes it any longer. */
  end(): Promise<void>;
}

const retryMs = 10_000;

/** Resolves after the first try. */
export async function keepPidFile(
  pidFile: string,
  id: ProcessId,
  { pauseMs = retryMs, ...options }: { readonly log: Logger; readonly pauseMs?: number },
): Promise<KeptPidFile> {
  const log = unfailing(options.log);
  const ending = new AbortController();
  let trouble: ReturnType<KeptPidFile["trouble"]>;
  const attempt = async (): Promise<void> => {
    const before = trouble;
    try {
      await writePidFile(pidFile, id);
      trouble = undefined;
      if (before !== undefined) log.info("The pid file is written now", { pid: id.pid, pidFile });
    } catch (err) {
      const what = `its pid file cannot be written: ${errorMessage(err)}`;
      trouble = { what, since: before?.since ?? new Date() };
      if (before === undefined)
        log.error("The process runs, but its pid file cannot be written", { pid: id.pid, pidFile, err });
    }
  };
  const retry = async (): Promise<void> => {
    for (;;) {
      if (trouble === undefined) return;
      await pause(pauseMs, ending.signal);
      if (ending.signal.aborted) return;
      await attempt();
    }
  };
  await attempt();
  const retrying = retry();
  return {
    trouble: () => trouble,
    async end() {
      ending.abort();
      await retrying;
    },
  };
}
