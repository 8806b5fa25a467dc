// How the Charts of the configuration looked when this controller applied them last, kept over restarts: a start does not write
// again what nobody has changed.

import { join } from "node:path";
import * as z from "zod";
import type { AppliedMemory } from "../../deployer/apply-stack.ts";
import { ensureDir, readFileIfExists, writeFileAtomic } from "../../os/files.ts";
import { parsedJson } from "../../std/json.ts";

const schema = z.object({ under: z.string(), charts: z.record(z.string(), z.string()) });

/**
 * `dir` is that of the records of all stacks, `under` as in applied-under.ts. What cannot be read, or was noted under something else, is
 * forgotten: then all of it is applied again.
 */
export async function openAppliedCharts(dir: string, under: string): Promise<AppliedMemory> {
  await ensureDir(dir, { mode: 0o700 });
  const path = join(dir, "helm-applied");
  let text = (await readFileIfExists(path)) ?? "";
  const noted = schema.safeParse(parsedJson(text)).data;
  return {
    known: new Map(noted?.under === under ? Object.entries(noted.charts) : []),
    async note(applied) {
      const charts = Object.fromEntries([...applied].toSorted(([a], [b]) => (a < b ? -1 : 1)));
      const next = `${JSON.stringify({ under, charts })}\n`;
      if (next === text) return;
      await writeFileAtomic(path, next, { mode: 0o600 });
      text = next;
    },
  };
}
