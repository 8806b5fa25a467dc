// Loggers for tests: one that keeps what it is told, one that forgets it.

import type { LogFields, Logger, LogLevel } from "../../std/log.ts";

export interface Logged {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

export function recordingLog(lines: Logged[], base: LogFields = {}): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ level, message, fields: { ...base, ...fields } });
    };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (fields) => recordingLog(lines, { ...base, ...fields }),
  };
}

export const silentLog: Logger = recordingLog([]);
