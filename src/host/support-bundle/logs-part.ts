// The ends of the logs: k0s' own, and the files that service managers keep of it.

import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { realPath } from "../../os/real-path.ts";
import type { NodePaths } from "../../product/paths.ts";
import { isNotFound } from "../../std/errors.ts";
import { withNodeLog } from "../logs/node-log.ts";
import type { UnreadSource } from "../logs/source.ts";
import { serviceLogFiles } from "../service/log-files.ts";
import type { Collector } from "./collect.ts";

export interface LogsPartOptions {
  /** In milliseconds. */
  readonly since: number;
  /** Characters of k0s' log; the last ones count. */
  readonly limit: number;
  /** The k0s file. */
  readonly program: string;
}

const serviceLogBytes = 1 << 20;

export function logsPart(paths: NodePaths, { since, limit, program }: LogsPartOptions): Collector {
  return {
    name: "logs",
    collect: async (add, signal) => {
      for (const path of serviceLogFiles(realPath(program))) {
        const text = await endOf(path);
        if (text !== undefined) add({ path: `logs/${basename(path)}`, text });
      }
      const unread: string[] = [];
      const tell = ({ name, why }: UnreadSource): void => void unread.push(`${name} cannot be read: ${why}`);
      await withNodeLog(paths, signal, tell, async (log) => {
        if (log === undefined) return;
        const lines: string[] = [];
        let size = 0;
        for await (const { text } of log.past({ since, signal })) {
          lines.push(text);
          size += text.length + 1;
          // Now and then, not at each line: to shift a long list is not for nothing.
          if (size > 2 * limit) size = keepLast(lines, limit);
        }
        keepLast(lines, limit);
        add({ path: "logs/k0s.log", text: `${lines.join("\n")}\n` });
      });
      if (unread.length > 0) throw new Error(unread.join("; "));
    },
  };
}

/** Leaves the last lines that have room; returns their size. */
function keepLast(lines: string[], limit: number): number {
  let size = 0;
  let from = lines.length;
  while (from > 0 && size + (lines[from - 1]?.length ?? 0) + 1 <= limit) {
    from -= 1;
    size += (lines[from]?.length ?? 0) + 1;
  }
  lines.splice(0, from);
  return size;
}

/** Whole lines; undefined if there is no such file. */
async function endOf(path: string): Promise<string | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (err) {
    if (isNotFound(err)) return undefined;
    throw err;
  }
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - serviceLogBytes);
    const bytes = Buffer.alloc(size - from);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
    const text = bytes.toString("utf8", 0, bytesRead);
    return from === 0 ? text : text.slice(text.indexOf("\n") + 1);
  } finally {
    await file.close();
  }
}
