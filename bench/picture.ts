// What every picture of the bench is made of. Pure.

/** An SVG of these lines on white. */
export function picture(width: number, height: number, title: string, lines: readonly string[]): string {
  const all = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="8" y="18" font-size="14">${escaped(title)}</text>`,
    ...lines,
    "</svg>",
  ];
  return `${all.join("\n")}\n`;
}

/** A tenth of a point is as fine as anyone sees. */
export const rounded = (value: number): number => Math.round(value * 10) / 10;

export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
