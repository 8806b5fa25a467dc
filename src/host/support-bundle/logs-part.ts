// The ends of the logs: k0s' own, and the files that service managers keep of it.

import { basename } from "node:path";
import { openRegularFile } from "../../os/regular-file.ts";
import { realPath } from "../../os/real-path.ts";
import type { NodePaths } from "../../product/paths.ts";
import { withNodeLog } from "../logs/node-log.ts";
import type { UnreadSource } from "../logs/source.ts";
import { serviceLogFiles } from "../service/log-files.ts";
import { attempts } from "./attempts.ts";
import type { Collector } from "./collect.ts";
import { lastLines } from "./last-lines.ts";

export interface LogsPartOptions {
  /** In milliseconds. */
  readonly since: number;
  /** Characters of k0s' log; the last ones count. */
  readonly limit: number;
  /** The k0s file. */
  readonly program: string;
  /** What has been read by then is handed over: less than the part may take. */
  readonly forMs: number;
}

const serviceLogBytes = 1 << 20;

/** Rejects at its end with what is not whole. */
export function logsPart(paths: NodePaths, { since, limit, program, forMs }: LogsPartOptions): Collector {
  return {
    name: "logs",
    collect: async (add, signal) => {
      const reading = attempts(signal, forMs);
      const over = AbortSignal.any([signal, AbortSignal.timeout(forMs)]);
      const ends = serviceLogFiles(realPath(program)).map(async (path) => {
        const text = await reading.at(path, endOf);
        if (text !== undefined) add({ path: `logs/${basename(path)}`, text });
      });
      const unread: UnreadSource[] = [];
      const own = withNodeLog(
        paths,
        over,
        (source) => void unread.push(source),
        async (log) => {
          if (log === undefined) return;
          const { text, inTime } = await lastLines(log.latest({ since, signal: over }), limit, over);
          add({ path: "logs/k0s.log", text });
          if (!inTime) unread.push({ name: log.name, why: `only its end could be read in ${forMs} ms` });
        },
      );
      await Promise.all([...ends, own]);
      const all = [...unread, ...reading.failed.map(({ path, why }) => ({ name: path, why }))];
      if (all.length > 0) throw new Error(all.map(({ name, why }) => `${name}: ${why}`).join("; "));
    },
  };
}

/** Whole lines; undefined if there is no such file. */
async function endOf(path: string): Promise<string | undefined> {
  const file = await openRegularFile(path);
  if (file === undefined) return undefined;
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
