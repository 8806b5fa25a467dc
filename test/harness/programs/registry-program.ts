// The registry of the tests as a program.

import { join } from "node:path";
import { goProgram } from "./go-program.ts";

/** Path of distribution's `registry` for this host. */
export function registryProgram(): Promise<string> {
  return goProgram("test-registry", join(import.meta.dir, "registry"));
}
