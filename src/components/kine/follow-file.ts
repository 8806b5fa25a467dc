// Starts kine again when its database is another file than the one that it has open: kine's own checks before a start decide
// whether that one may be used, and until then nothing is acknowledged that would be lost.

import type { Component } from "../../supervisor/component.ts";
import type { ProcessComponent } from "../../supervisor/process-component.ts";
import type { Logger } from "../../std/log.ts";
import { createLoop } from "../../std/loop.ts";
import { unlessAborted } from "../../std/wait.ts";
import { task } from "../../supervisor/task.ts";
import type { OpenedFile } from "./opened-file.ts";

/** What kine acknowledges meanwhile is lost. One look is one question to the kernel. */
const lookEveryMs = 1_000;

export interface FollowOptions {
  readonly file: Pick<OpenedFile, "path" | "fate">;
  readonly log: Logger;
  readonly everyMs?: number;
}

export function followFile(
  kine: ProcessComponent,
  { file, log, everyMs = lookEveryMs }: FollowOptions,
): Component {
  const round = async (signal: AbortSignal): Promise<void> => {
    const pid = kine.inspect?.().pid;
    const fate = pid === undefined ? undefined : await file.fate(pid);
    if (fate === undefined) return;
    log.error("The database was moved away or replaced while kine had it open, starting kine again", {
      component: kine.name,
      file: file.path,
      fate,
    });
    // At its end SQLite writes and removes files by their names, which are the other database's by now.
    await unlessAborted(kine.restart(undefined, { stopTimeoutMs: 0 }), signal);
  };
  const watching = task({
    name: kine.name,
    parts: async (signal) => {
      await kine.start(signal);
      // A start that is refused is told by the supervision, which tries again.
      return [createLoop({ name: "watching the database's file", log, everyMs, quietFailures: 1, round })];
    },
    health: async (signal) => kine.health?.(signal),
    end: () => kine.stop(),
  });
  return { ...kine, ...watching };
}
