// The log that a node keeps for `k0s logs` where no journal keeps it: files of a limited size in its data directory. What
// happens before the directory is k0s' own is held back, since a start that is refused changes nothing.

import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { NodePaths } from "../../product/paths.ts";
import { cappedFile, type CappedFile } from "../../os/capped-file.ts";
import { makeDir } from "../../os/files.ts";
import { keptLogOlder } from "../../host/logs/files.ts";
import { boundedSink, type BoundedSink } from "../../std/bounded-sink.ts";
import { formatLogLine } from "../../std/logfmt.ts";

/** Of each file: some weeks of a healthy node, or a day of a very troubled one. */
export const keptLogBytes = 8 << 20;
/** Lines of a start that is not far enough to keep any. */
const mostPending = 1_000;

export interface KeptLog {
  readonly write: (line: string) => void;
  /** It is there, and the last attempt to write to it did not fail. */
  readonly isWritten: () => boolean;
  /** From now on the directory is there to be written to. */
  begin(): Promise<void>;
  /**
   * Resolves when all is written, at the latest after `ms`. A start that was refused is noted only in a log that an earlier one
   * began, at its end: another k0s may write there, and turns the files.
   */
  end(ms: number): Promise<void>;
}

export function keptLog({ logFile }: Pick<NodePaths, "logFile">): KeptLog {
  const pending: string[] = [];
  let file: CappedFile | undefined;
  let sink: BoundedSink | undefined;
  let written = false;

  const open = (maxBytes: number): void => {
    const opened = cappedFile({ path: logFile, maxBytes, older: keptLogOlder });
    file = opened;
    sink = boundedSink({
      write: async (bytes) => {
        try {
          const count = await opened.write(bytes);
          written = true;
          return count;
        } catch (err) {
          written = false;
          throw err;
        }
      },
      lossLine: (loss) => formatLogLine(new Date(), "warn", "Lines of the log were dropped", { ...loss }),
    });
    for (const line of pending.splice(0)) sink.write(line);
  };

  return {
    write: (line) => {
      if (sink !== undefined) sink.write(line);
      else if (pending.length < mostPending) pending.push(line);
    },
    isWritten: () => written,
    begin: async () => {
      if (sink !== undefined) return;
      // One that is there may be a link to a directory of others.
      await makeDir(dirname(logFile), { mode: 0o700 });
      open(keptLogBytes);
    },
    end: async (ms) => {
      if (sink === undefined && existsSync(logFile)) open(Number.POSITIVE_INFINITY);
      await sink?.flush(ms);
      // A write that hangs is not waited for.
      if (sink?.busy() === false) await file?.close();
    },
  };
}
