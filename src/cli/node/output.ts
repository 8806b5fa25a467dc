// Standard output and standard error of a running node: whatever happens to them does not affect the node.

import { serviceLogFiles, serviceLogMark as mark } from "../../host/service/log-files.ts";
import { descriptorWriter, type DescriptorWriter, isSameFile } from "../../os/descriptor-writer.ts";
import { realPath } from "../../os/real-path.ts";
import { isAppendedTo, restartingFile } from "../../os/restarting-file.ts";
import { boundedSink, type BoundedSink, type Loss } from "../../std/bounded-sink.ts";
import { leadsToJournal } from "../../os/journal-stream.ts";
import { formatJournalLine, formatLogLine } from "../../std/logfmt.ts";

type Env = Readonly<Record<string, string | undefined>>;

export interface NodeOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Which of them leads to systemd's journal. */
  readonly journal: { readonly out: boolean; readonly err: boolean };
  /** True while standard error cannot take more: what will be redrawn anyway need not be drawn. */
  readonly busy: () => boolean;
  /** Resolves when all is written or nobody reads it any more, at the latest after `ms`. */
  readonly flush: (ms: number) => Promise<void>;
}

/** `kept`: k0s' own log has what is printed, too. */
export function nodeOutput(env: Env, kept: () => boolean): NodeOutput {
  const journal = { out: leadsToJournal(1, env), err: leadsToJournal(2, env) };
  const sinkOf = (fd: 1 | 2, toJournal: boolean): BoundedSink =>
    boundedSink({ write: writerTo(fd, env, kept), lossLine: (loss) => lossLine(loss, toJournal) });
  const out = sinkOf(1, journal.out);
  // Lines on one terminal or in one file keep their order.
  const err = isSameFile(1, 2) ? out : sinkOf(2, journal.err);
  return {
    out: (text) => out.write(text),
    err: (text) => err.write(text),
    journal,
    busy: () => err.busy(),
    flush: async (ms) => void (await Promise.all([out.flush(ms), err.flush(ms)])),
  };
}

/** As much as one of the files that k0s keeps itself. */
const serviceLogBytes = 8 << 20;

function writerTo(fd: number, env: Env, kept: () => boolean): DescriptorWriter {
  const write = descriptorWriter(fd);
  const files = serviceLogFiles(realPath(env["K0S_SELF"] ?? process.execPath));
  if (!isAppendedTo(fd, files)) return write;
  const markLine = (cut: boolean): string =>
    formatLogLine(new Date(), "info", mark, cut ? { before: kept() ? "in k0s logs" : "gone" } : {});
  return restartingFile(fd, write, { files, maxBytes: serviceLogBytes, markLine, mark });
}

function lossLine({ lines, because }: Loss, journal: boolean): string {
  const text = "Lines of the log were dropped";
  const fields = { lines, because };
  return journal ? formatJournalLine("warn", text, fields) : formatLogLine(new Date(), "warn", text, fields);
}
