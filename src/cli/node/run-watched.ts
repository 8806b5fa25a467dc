// How a node that runs in the foreground shows itself: somebody at a terminal sees progress instead of the log that
// services keep, unless they asked for it.

import { constants } from "node:os";
import type { NodeIo, NodeOptions } from "../../components/node-options.ts";
import { hasTerminal, isIgnored } from "../../os/terminal.ts";
import type { NodePaths } from "../../product/paths.ts";
import { createLogger, formatLogLine, journalText } from "../../std/logfmt.ts";
import { errorMessage } from "../../std/errors.ts";
import { progressLines, progressLinesVariable } from "../../std/progress-lines.ts";
import { bothLogs, type Logger } from "../../std/log.ts";
import { errorText, ReportedError } from "../core/error-text.ts";
import type { CliIo } from "../core/io.ts";
import { logLevel } from "../core/log-level.ts";
import { keptLog, type KeptLog } from "./kept-log.ts";
import { nodeOutput } from "./output.ts";
import { logUnexpectedErrors } from "./unexpected-errors.ts";
import { createScreen } from "../core/progress.ts";

/** How long the end waits for a reader of the last lines. */
const flushMs = 2_000;

export interface Watching {
  readonly io: CliIo;
  readonly options: Pick<NodeOptions, "debug" | "verbose"> & { readonly paths: Pick<NodePaths, "logFile"> };
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
  const output = nodeOutput(io.env, () => kept?.isWritten() === true);
  const screen = createScreen({ write: output.err, terminal: watched, busy: output.busy });
  const journal = !watched && output.journal.out;
  const shown = createLogger({
    level: watched && !chatty ? "warn" : logLevel(options),
    write: watched ? (line) => screen.print(line) : output.out,
    journal,
  });
  const kept = journal ? undefined : keptLog(options.paths);
  const log =
    kept === undefined
      ? shown
      : bothLogs(shown, createLogger({ level: logLevel(options), write: kept.write }));
  const hangups = hangupsOf(log);
  const listeners = [hangups.leave, logUnexpectedErrors(log)];
  const inLines = io.env[progressLinesVariable] !== undefined;
  try {
    const progress = inLines ? progressLines(output.err) : screen.progress;
    const keepLog = kept === undefined ? {} : { keepLog: () => beginKept(kept, log) };
    await run({ log, progress, signal: io.signal, onHangup: hangups.on, ...keepLog });
  } catch (err) {
    if (err === io.signal.reason) throw err;
    screen.close();
    // As with all output: a log that nobody reads must not keep the node from ending.
    const text = errorText(err);
    output.err(output.journal.err ? journalText("error", text) : text);
    kept?.write(formatLogLine(new Date(), "error", "The node has ended with an error", { err: text.trim() }));
    throw new ReportedError("the node has ended with an error", { cause: err });
  } finally {
    screen.close();
    await Promise.all([output.flush(flushMs), kept?.end(flushMs)]);
    for (const leave of listeners) leave();
  }
}

/** The node goes on without: what it shows is still there. */
async function beginKept(kept: KeptLog, log: Logger): Promise<void> {
  try {
    await kept.begin();
  } catch (err) {
    log.warn("k0s logs will show nothing: the log cannot be kept", { err: errorMessage(err) });
  }
}

interface Hangups {
  readonly on: (listener: () => void) => void;
  readonly leave: () => void;
}

/**
 * A node without a terminal, such as a service, is not ended by SIGHUP (upstream's is): a controller reads its configuration
 * again, and a worker follows its files by itself.
 */
function hangupsOf(log: Logger): Hangups {
  const listeners: (() => void)[] = [];
  const on = (listener: () => void): void => void listeners.push(listener);
  if (hasTerminal() || isIgnored(constants.signals.SIGHUP)) return { on, leave: () => undefined };
  const hear = (): void => {
    if (listeners.length === 0) log.info("SIGHUP changes nothing: k0s follows its files by itself");
    for (const listener of listeners) listener();
  };
  process.on("SIGHUP", hear);
  return { on, leave: () => void process.off("SIGHUP", hear) };
}
