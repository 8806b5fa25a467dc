// How this program starts a fresh process of itself for work that changes namespaces: none of our threads ever may.

import { join } from "node:path";

export type HelperMode = "network" | "machine" | "inside" | "exec" | "reap";

/** The command line that reaches `runHelper` with `mode`. */
export function helperCommand(mode: HelperMode, ...args: string[]): string[] {
  const compiled = Bun.main.startsWith("/$bunfs/");
  const entry = compiled ? ["__sandbox"] : [join(import.meta.dir, "helper-main.ts")];
  return [process.execPath, ...entry, mode, ...args];
}
