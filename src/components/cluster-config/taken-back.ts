// Which ClusterConfig a controller has tried in vain and taken back: a start does not try it a second time, with another API server
// that ends for it. It does where k0s, or the controller's own part of the configuration, is another one.

import { join } from "node:path";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { splitConfig } from "../../config/split.ts";
import { readFileIfExists, writeFileAtomic } from "../../os/files.ts";
import { removeFile } from "../../os/removal.ts";
import { takenBackName } from "./declaration.ts";

export interface TakenBack {
  /** Whether it was this one. */
  is(generation: string): Promise<boolean>;
  /** Undefined: what is adopted now works. */
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
  const textOf = (generation: string): string => `${JSON.stringify({ generation, version, own })}\n`;
  return {
    is: async (generation) => (await readFileIfExists(file)) === textOf(generation),
    async note(generation) {
      if (generation !== undefined) return writeFileAtomic(file, textOf(generation), { mode: 0o600 });
      if ((await readFileIfExists(file)) !== undefined) await removeFile(file);
    },
  };
}
