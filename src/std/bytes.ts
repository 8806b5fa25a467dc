// Sizes for people: `512 B`, `1.9 GiB`.

const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];

/** The size in the largest binary unit that leaves a number of at least 1, one decimal below 100. */
export function formatBytes(bytes: number): string {
  let value = Math.abs(bytes);
  if (value < 1024) return `${bytes} B`;
  let unit = "";
  for (const next of units) {
    if (value < 1023.95 && unit !== "") break;
    value /= 1024;
    unit = next;
  }
  const digits = value < 99.95 ? value.toFixed(1) : value.toFixed(0);
  return `${bytes < 0 ? "-" : ""}${digits} ${unit}`;
}
