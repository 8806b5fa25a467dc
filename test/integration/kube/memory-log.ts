// A logger that keeps its lines, for tests that check what was said.

import type { LogFields, Logger, LogLevel } from "../../../src/std/log.ts";

export interface MemoryLog extends Logger {
  readonly lines: { level: LogLevel; message: string; fields: LogFields }[];
}

export function memoryLog(base: LogFields = {}, lines: MemoryLog["lines"] = []): MemoryLog {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ level, message, fields: { ...base, ...fields } });
    };
  return {
    lines,
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (fields) => memoryLog({ ...base, ...fields }, lines),
  };
}
