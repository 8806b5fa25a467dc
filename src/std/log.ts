// The logger that is passed to whatever logs: static sentences with fields, never formatted strings.

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to every line, e.g. `{ component: "kubelet" }`. */
  with(fields: LogFields): Logger;
}

/** Each line goes to both, as far as their levels let it. */
export function bothLogs(one: Logger, other: Logger): Logger {
  const both = (level: LogLevel) => (message: string, fields?: LogFields) => {
    one[level](message, fields);
    other[level](message, fields);
  };
  return {
    debug: both("debug"),
    info: both("info"),
    warn: both("warn"),
    error: both("error"),
    with: (fields) => bothLogs(one.with(fields), other.with(fields)),
  };
}

/**
 * The same log for work that must go on without it: a line that cannot be written, e.g. because the disk is full, is
 * lost. The writer of the log counts such lines and says so.
 */
export function unfailing(log: Logger): Logger {
  const attempt = (write: () => void): void => {
    try {
      write();
    } catch {
      // See above.
    }
  };
  return {
    debug: (message, fields) => attempt(() => log.debug(message, fields)),
    info: (message, fields) => attempt(() => log.info(message, fields)),
    warn: (message, fields) => attempt(() => log.warn(message, fields)),
    error: (message, fields) => attempt(() => log.error(message, fields)),
    with: (fields) => unfailing(log.with(fields)),
  };
}
