// A line of a node's log, read again: when it was written, and whose it is. What std/logfmt.ts writes.

export interface LogLine {
  /** As it stands in the log, without its newline. */
  readonly text: string;
  /** Milliseconds; undefined where no line before says a time. */
  readonly time: number | undefined;
  /** What k0s itself says is `k0s`. */
  readonly component: string;
}

/** The name under which k0s' own lines are asked for. */
export const ownComponent = "k0s";

/**
 * One line. A line that does not look like ours (the last words of a runtime that crashed) is k0s' own, and as old as the one
 * before it.
 */
export function readLogLine(text: string, before: number | undefined): LogLine {
  if (!ours.test(text)) return { text, time: before, component: ownComponent };
  let time = before;
  let component = ownComponent;
  for (const [, key, quoted, plain] of text.matchAll(field)) {
    if (key === "time") time = timeOf(quoted ?? plain ?? "") ?? before;
    if (key === "component") component = plain ?? unquoted(quoted ?? "");
  }
  return { text, time, component };
}

/** A quoted value is JSON, in which no quotation mark ends the value but the last one. */
const field = /([^\s=]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))/g;
const ours = /^(?:time=(?:"[^"]*"|\S+) )?level=[a-z]+ msg=/;

function unquoted(inner: string): string {
  try {
    return String(JSON.parse(`"${inner}"`));
  } catch {
    // Cut off by a crash.
    return inner;
  }
}

/** `2026-11-26 19:02:16`, in the time zone of this host. */
function timeOf(text: string): number | undefined {
  const ms = Date.parse(text.replace(" ", "T"));
  return Number.isNaN(ms) ? undefined : ms;
}
