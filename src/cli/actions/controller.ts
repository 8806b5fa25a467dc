// `k0s controller`: log on standard output, progress on standard error, the node itself in src/node.

import { runController } from "../../node/controller.ts";
import { createLogger } from "../../std/logfmt.ts";
import { progressLines, progressLinesVariable } from "../../std/progress-lines.ts";
import type { Invocation } from "../command.ts";
import { obsoleteComponent } from "../flags/controller-flags.ts";
import { controllerOptions, type controllerCommandFlags } from "../flags/node-options.ts";
import { logLevel } from "../log-level.ts";
import { createScreen } from "../progress.ts";

export async function controller({
  flags,
  given,
  args,
  io,
}: Invocation<typeof controllerCommandFlags>): Promise<void> {
  const options = controllerOptions(flags, args, io);
  const watched = io.terminal.stdout && io.terminal.stderr && !flags.noProgress;
  const screen = createScreen({ write: (text) => io.err(text), terminal: watched });
  // Somebody at a terminal sees progress instead of the log that services keep, unless they asked for it.
  const quiet = watched && !given.has("verbose") && !given.has("debug");
  const log = createLogger({
    level: quiet ? "warn" : logLevel(options),
    write: watched ? (line) => screen.print(line) : (line) => io.out(line),
  });
  if (flags.disableComponents.includes(obsoleteComponent)) {
    log.warn("Component cannot be disabled any more", { component: obsoleteComponent });
  }
  try {
    const inLines = io.env[progressLinesVariable] !== undefined;
    const progress = inLines ? progressLines((line) => io.err(line)) : screen.progress;
    await runController(options, { log, progress, signal: io.signal });
  } finally {
    screen.close();
  }
}
