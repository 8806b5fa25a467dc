// The last words of a k0s that is gone, from the log that was written to last: its own files, or the journal.

import type { NodePaths } from "../../product/paths.ts";
import { logFiles } from "../logs/files.ts";
import { journal } from "../logs/journal.ts";
import { ownComponent } from "../logs/line.ts";
import { presentSource } from "../logs/source.ts";
import { serviceNames } from "../service/definition.ts";
import { UserError } from "../../std/errors.ts";
import type { LogEnd } from "./examined-node.ts";
import { redacted } from "./redacted.ts";

const keptLines = 8;
/** Before the last line: further back nothing tells of the end. */
const windowMs = 600_000;
const limitMs = 2_000;

/** Undefined where none was kept. */
export async function logEnd(paths: NodePaths, signal: AbortSignal): Promise<LogEnd | undefined> {
  const over = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  await using files = logFiles({ path: paths.logFile, older: 1 });
  const inJournal = journal(serviceNames.map((name) => `${name}.service`));
  try {
    const sources = [files, ...(inJournal === undefined ? [] : [inJournal])];
    // The words of the other one may not be the last ones, which its name beside them says.
    const source = await presentSource(sources, over, () => undefined);
    const last = await source?.lastWritten(over);
    if (source === undefined || last === undefined) return undefined;
    const lines: string[] = [];
    for await (const { text, component } of source.past({ since: last - windowMs, signal: over })) {
      if (component === ownComponent && lines.push(redacted(text)) > keptLines) lines.shift();
    }
    return { name: source.name, lines };
  } catch (err) {
    // A log that cannot be read, or not in time, has no words for us.
    if (err instanceof UserError || (over.aborted && !signal.aborted)) return undefined;
    throw err;
  }
}
