// Where the k0s file lies that this process was started from: the launcher says so, since our own executable is the
// unpacked runtime.

import { isAbsolute } from "node:path";
import { UserError } from "../std/errors.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Absolute path of the k0s file. */
export function selfPath(env: Environment = process.env): string {
  const path = env["K0S_SELF"];
  if (path !== undefined && isAbsolute(path)) return path;
  throw new UserError("This k0s was not started from a packed file, so it has no components with it.", {
    code: "not-packed",
    hint: "Build the file with `make build` and run dist/k0s, or set K0S_SELF to the path of a k0s file.",
  });
}

/** Hash of the index of the file that we were started from, if the launcher started us. */
export function selfIndex(env: Environment = process.env): string | undefined {
  return env["K0S_INDEX"];
}
