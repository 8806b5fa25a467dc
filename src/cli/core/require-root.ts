// Commands that change the host need root.

import { UserError } from "../../std/errors.ts";
import type { CliIo } from "./io.ts";

export function requireRoot(io: Pick<CliIo, "root">): void {
  if (io.root) return;
  throw new UserError("this command must be run as root", { code: "not-root", hint: "Try it with sudo." });
}
