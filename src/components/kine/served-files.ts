// Which files kine served from last, kept in the data directory: k0s may be started again between the exchange of a database
// and the removal of the log of the one before, and would then know no more that they do not belong together.

import { join } from "node:path";
import * as z from "zod";
import { readFileIfExists, writeFileAtomic } from "../../os/files.ts";
import { errorMessage } from "../../std/errors.ts";
import { parsedJson } from "../../std/json.ts";
import type { Logger } from "../../std/log.ts";
import { servedFilesName } from "./declaration.ts";

const noted = z.object({ database: z.string(), log: z.string().optional() });
export type ServedFiles = z.infer<typeof noted>;

/** What outlives k0s. */
export interface FileNote {
  readonly path: string;
  read(): Promise<ServedFiles | undefined>;
  write(files: ServedFiles): Promise<void>;
}

export function servedFiles(dataDir: string, log: Logger): FileNote {
  const path = join(dataDir, servedFilesName);
  return {
    path,
    async read() {
      // One that is damaged is as none: it is written again by the next start.
      return noted.safeParse(parsedJson((await readFileIfExists(path)) ?? "")).data;
    },
    async write(files) {
      try {
        await writeFileAtomic(path, `${JSON.stringify(files)}\n`, { mode: 0o600 });
      } catch (err) {
        // kine serves all the same; what is missed is one check of the next start.
        log.warn("It cannot be noted which files kine has open", { file: path, error: errorMessage(err) });
      }
    },
  };
}
