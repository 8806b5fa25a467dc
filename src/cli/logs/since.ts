// `--since`: so long ago, or a moment.

import { tryParseDuration } from "../../std/duration.ts";

/** Milliseconds of the moment that is meant; throws an Error that says what can be written. */
export function parseSince(text: string, now: number): number | undefined {
  if (text === "") return undefined;
  const ago = tryParseDuration(text);
  if (ago !== undefined) return now - ago;
  const moment = rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(moment)) return moment;
  throw new Error("must be a duration such as 10m or 24h, or a moment such as 2026-11-26T19:00:00Z");
}

/** Without a zone: that of this host. */
const rfc3339 = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/;
