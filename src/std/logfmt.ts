// Log lines in logrus' text format, as upstream k0s prints them. Upstream: internal/pkg/log/k0s.go.

import type { LogFields, Logger, LogLevel } from "./log.ts";

export interface LoggerOptions {
  /** Lines below this level are dropped; default info. */
  readonly level?: LogLevel;
  /** Gets one whole line at a time, with its newline. */
  readonly write: (line: string) => void;
  readonly fields?: LogFields;
  readonly now?: () => Date;
  /** Its reader notes the time by itself, and takes the priority from the beginning of each line: sd-daemon(3). */
  readonly journal?: boolean;
}

const rank: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
const printedLevel: Readonly<Record<LogLevel, string>> = {
  debug: "debug",
  info: "info",
  warn: "warning",
  error: "error",
};
/** Of syslog(3). */
const priority: Readonly<Record<LogLevel, number>> = { debug: 7, info: 6, warn: 4, error: 3 };

export function createLogger(options: LoggerOptions): Logger {
  const { write, fields = {}, level = "info", now = () => new Date(), journal = false } = options;
  const at = (line: LogLevel) => (message: string, extra?: LogFields) => {
    if (rank[line] < rank[level]) return;
    const all = extra === undefined ? fields : { ...fields, ...extra };
    write(journal ? formatJournalLine(line, message, all) : formatLogLine(now(), line, message, all));
  };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (extra) => createLogger({ ...options, fields: { ...fields, ...extra } }),
  };
}

/** One line: time, level, msg, then the fields in alphabetical order. Undefined fields are left out. */
export function formatLogLine(time: Date, level: LogLevel, message: string, fields: LogFields): string {
  return withTime(time, afterTime(level, message, fields));
}

/** A line that has no time yet. */
export function withTime(time: Date, line: string): string {
  return `time=${quote(timestamp(time))} ${line}`;
}

/** The same without the time, and with the priority as systemd's journal takes it. */
export function formatJournalLine(level: LogLevel, message: string, fields: LogFields): string {
  return `<${priority[level]}>${afterTime(level, message, fields)}`;
}

/** Text of several lines, each with its priority. */
export function journalText(level: LogLevel, text: string): string {
  return text.replaceAll(/^(?=.)/gm, `<${priority[level]}>`);
}

function afterTime(level: LogLevel, message: string, fields: LogFields): string {
  let line = `level=${printedLevel[level]} msg=${quote(message)}`;
  for (const key of Object.keys(fields).toSorted()) {
    const value = fields[key];
    if (value !== undefined) line += ` ${key}=${quote(fieldText(value))}`;
  }
  return `${line}\n`;
}

/** A logger that drops everything. */
export function silentLogger(): Logger {
  const drop = () => {};
  const logger: Logger = { debug: drop, info: drop, warn: drop, error: drop, with: () => logger };
  return logger;
}

function timestamp(time: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

function fieldText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return value.message;
  if (value === null || typeof value !== "object") return String(value);
  return value instanceof Date ? value.toISOString() : JSON.stringify(value);
}

/** logrus leaves a value bare only when it holds nothing but letters, digits and -._/@^+ */
function quote(text: string): string {
  return /^[A-Za-z0-9\-._/@^+]+$/.test(text) ? text : JSON.stringify(text);
}
