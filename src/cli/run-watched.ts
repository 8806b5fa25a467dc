// How a node that runs in the foreground shows itself: somebody at a terminal sees progress instead of the log that
// services keep, unless they asked for it.

import type { NodeIo } from "../node/options.ts";
import { createLogger } from "../std/logfmt.ts";
import { progressLines, progressLinesVariable } from "../std/progress-lines.ts";
import type { CliIo } from "./io.ts";
import { logLevel } from "./log-level.ts";
import { createScreen } from "./progress.ts";

export interface Watching {
  readonly io: CliIo;
  readonly options: { readonly debug: boolean; readonly verbose: boolean };
  readonly noProgress: boolean;
  /** The log was asked for. */
  readonly chatty: boolean;
}

export async function runWatched(
  { io, options, noProgress, chatty }: Watching,
  run: (node: NodeIo) => Promise<void>,
): Promise<void> {
  // Containers would inherit a narrower one: their root directories would be closed to users without root's rights.
  process.umask(0o022);
  const watched = io.terminal.stdout && io.terminal.stderr && !noProgress;
  const screen = createScreen({ write: (text) => io.err(text), terminal: watched });
  const log = createLogger({
    level: watched && !chatty ? "warn" : logLevel(options),
    write: watched ? (line) => screen.print(line) : (line) => io.out(line),
  });
  const inLines = io.env[progressLinesVariable] !== undefined;
  try {
    const progress = inLines ? progressLines((line) => io.err(line)) : screen.progress;
    await run({ log, progress, signal: io.signal });
  } finally {
    screen.close();
  }
}
