// What is being waited for, in one line that fits a terminal.

/** `a, b and 3 more`. */
export function describeWait(names: readonly string[], shown = 3): string {
  const head = names.slice(0, shown).join(", ");
  const rest = names.length - shown;
  return `${head}${rest > 0 ? ` and ${rest} more` : ""}`;
}
