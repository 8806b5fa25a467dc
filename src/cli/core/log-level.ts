// `--verbose` and `--debug` as a log level. Upstream: cmd/internal/debug.go.

import type { LogLevel } from "../../std/log.ts";

export function logLevel(flags: { debug: boolean; verbose: boolean }): LogLevel {
  if (flags.debug) return "debug";
  return flags.verbose ? "info" : "warn";
}
