// What a configuration says without effect, in the log: all of it at a start, later only what a changed one adds.

import { pathText } from "../../config/problem.ts";
import type { ConfigWarning } from "../../config/warnings.ts";
import type { Logger } from "../../std/log.ts";

export function logConfigWarnings(warnings: readonly ConfigWarning[], log: Pick<Logger, "warn">): void {
  for (const { path, message } of warnings)
    log.warn("A field of the configuration has no effect", { field: pathText(path), reason: message });
}
