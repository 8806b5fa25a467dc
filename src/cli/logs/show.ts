// `k0s logs`: the lines that were asked for, in the form in which k0s writes them.

import type { LogLine } from "../../host/logs/line.ts";
import { withNodeLog } from "../../host/logs/node-log.ts";
import type { LogSource, UnreadSource } from "../../host/logs/source.ts";
import type { NodePaths } from "../../product/paths.ts";
import { didYouMean } from "../../std/did-you-mean.ts";
import { UserError } from "../../std/errors.ts";
import { runningNameOf } from "../../roles/folds/names.ts";
import { controllerRole } from "../../roles/controller.ts";
import { workerRole } from "../../roles/worker.ts";
import type { CliIo } from "../core/io.ts";
import { livePaths } from "../core/live-paths.ts";
import { requireRoot } from "../core/require-root.ts";
import { logNames } from "./command.ts";

export interface LogsFlags {
  readonly follow: boolean;
  readonly since: number | undefined;
  readonly lines: number;
  readonly dataDir: string;
  readonly statusSocket: string;
}

export async function showLogs(component: string | undefined, flags: LogsFlags, io: CliIo): Promise<void> {
  requireRoot(io);
  const paths = await livePaths(flags, io);
  const tell = ({ name, why }: UnreadSource): void => io.err(`${name} cannot be read: ${why}\n`);
  await withNodeLog(paths, io.signal, tell, async (source) => {
    if (source === undefined) throw nothingLogged(paths);
    await showSource(source, { component, ...flags }, io);
  });
}

type Wanted = Pick<LogsFlags, "follow" | "since" | "lines"> & { readonly component: string | undefined };
type Out = Pick<CliIo, "out" | "err" | "readerGone" | "signal">;

/** Throws the signal's reason when that ends it; the end of its reader ends it, too. */
export async function showSource(source: LogSource, wanted: Wanted, io: Out): Promise<void> {
  const { component, follow, since, lines } = wanted;
  const { signal } = io;
  const isWanted = ({ component: of }: LogLine): boolean =>
    component === undefined || of === component || of === runningName(component);
  const print = ({ text }: LogLine): void => io.out(`${text}\n`);
  const last: LogLine[] = [];
  let found = false;
  for await (const line of source.past({ since, signal })) {
    if (!isWanted(line)) continue;
    found = true;
    if (lines < 0) print(line);
    else if (last.push(line) > lines) last.shift();
    if (io.readerGone()) return;
  }
  signal.throwIfAborted();
  last.forEach(print);
  if (!found) {
    assertKnown(component);
    const whose = component === undefined ? "" : ` of ${component}`;
    const where = since === undefined ? "" : " of that time";
    io.err(`No line${whose} is in ${source.name}${where}.\n`);
  }
  if (!follow) return;
  for await (const line of source.further(signal)) {
    if (isWanted(line)) print(line);
    if (io.readerGone()) return;
  }
  signal.throwIfAborted();
}

const runningName = (component: string): string | undefined =>
  runningNameOf([...controllerRole, ...workerRole], component);

/** Whose lines there are is known: a component of another release may have its lines in there. */
function assertKnown(component: string | undefined): void {
  if (component === undefined || logNames.includes(component)) return;
  const near = didYouMean(component, logNames);
  throw new UserError(`there is no component ${component}`, {
    code: "unknown-component",
    hint: near === undefined ? `There are ${logNames.join(", ")}.` : `Did you mean ${near}?`,
  });
}

function nothingLogged({ logFile, dataDir }: NodePaths): UserError {
  return new UserError("no k0s has logged anything here", {
    code: "no-log",
    hint: `There is neither ${logFile} nor a journal of k0s. With another data directory than ${dataDir}: --data-dir.`,
  });
}
