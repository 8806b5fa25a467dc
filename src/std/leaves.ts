/** What stands in lists and mappings, however deep, but the lists and mappings themselves. Without loops in it. */
export function leavesOf(value: unknown): readonly unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(leavesOf) : [value];
}
