// Which ClusterConfig a controller has tried in vain and taken back. One start tries it once more: what was in the way, a slow
// datastore for example, may have passed. Later ones do not, with another API server that ends for it each time; they do where k0s,
// or the controller's own part of the configuration, is another one.

import { join } from "node:path";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { splitConfig } from "../../config/split.ts";
import { readFileIfExists, writeFileAtomic } from "../../os/files.ts";
import { removeFile } from "../../os/removal.ts";
import { takenBackName } from "./declaration.ts";

export interface TakenBack {
  /** Asked by a start. `again`: it was taken back, and this is the one more try; noted before, as it may end k0s. */
  atStart(generation: string): Promise<"first" | "again" | "no">;
  /** Was taken back. Undefined: what is adopted now works. */
  note(generation: string | undefined): Promise<void>;
}

interface NoteOptions {
  readonly dataDir: string;
  readonly version: string;
  /** What this controller runs with. */
  readonly config: ClusterConfig;
}

export function takenBackNote({ dataDir, version, config }: NoteOptions): TakenBack {
  const file = join(dataDir, takenBackName);
  const own = new Bun.CryptoHasher("sha256").update(JSON.stringify(splitConfig(config).node)).digest("hex");
  const textOf = (generation: string, triedAgain: boolean): string =>
    `${JSON.stringify({ generation, version, own, triedAgain })}\n`;
  const write = (text: string): Promise<void> => writeFileAtomic(file, text, { mode: 0o600 });
  return {
    async atStart(generation) {
      const text = await readFileIfExists(file);
      if (text === textOf(generation, true)) return "no";
      if (text !== textOf(generation, false)) return "first";
      await write(textOf(generation, true));
      return "again";
    },
    async note(generation) {
      const text = await readFileIfExists(file);
      if (generation === undefined) {
        if (text !== undefined) await removeFile(file);
        return;
      }
      if (text !== textOf(generation, true)) await write(textOf(generation, false));
    },
  };
}
