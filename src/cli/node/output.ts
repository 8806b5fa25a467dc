// Standard output and standard error of a running node: whatever happens to them does not affect the node.

import { descriptorWriter, isSameFile } from "../../os/descriptor-writer.ts";
import { boundedSink, type BoundedSink, type Loss } from "../../std/bounded-sink.ts";
import { formatLogLine } from "../../std/logfmt.ts";

export interface NodeOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** True while standard error cannot take more: what will be redrawn anyway need not be drawn. */
  readonly busy: () => boolean;
  /** Resolves when all is written or nobody reads it any more, at the latest after `ms`. */
  readonly flush: (ms: number) => Promise<void>;
}

export function nodeOutput(): NodeOutput {
  const out = sinkOf(1);
  // Lines on one terminal or in one file keep their order.
  const err = isSameFile(1, 2) ? out : sinkOf(2);
  return {
    out: (text) => out.write(text),
    err: (text) => err.write(text),
    busy: () => err.busy(),
    flush: async (ms) => void (await Promise.all([out.flush(ms), err.flush(ms)])),
  };
}

function sinkOf(fd: number): BoundedSink {
  return boundedSink({ write: descriptorWriter(fd), lossLine });
}

function lossLine({ lines, because }: Loss): string {
  return formatLogLine(new Date(), "warn", "Lines of the log were dropped", { lines, because });
}
