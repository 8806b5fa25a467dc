// Times as Kubernetes and Go's programs write them.

/** RFC 3339 in UTC, without a fraction of a second. */
export function secondsTimestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}
