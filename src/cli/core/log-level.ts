// `--verbose` and `--debug` as a log level. Reference §1.2.

import type { LogLevel } from "../../std/log.ts";

export function logLevel(flags: { debug: boolean; verbose: boolean }): LogLevel {
  if (flags.debug) return "debug";
  return flags.verbose ? "info" : "warn";
}
