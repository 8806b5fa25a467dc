// Plain tables as kubectl prints them: columns padded by spaces, no borders, no trailing blanks.

/** Rows under a header; every column is as wide as its widest cell plus three blanks. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = header.length === 0 ? rows : [header, ...rows];
  const columns = Math.max(0, ...lines.map((line) => line.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...lines.map((line) => Bun.stringWidth(line[column] ?? ""))),
  );
  return lines.map((line) => `${formatRow(line, widths)}\n`).join("");
}

function formatRow(cells: readonly string[], widths: readonly number[]): string {
  const padded = widths.map((width, column) => {
    const cell = cells[column] ?? "";
    return cell + " ".repeat(width - Bun.stringWidth(cell) + 3);
  });
  return padded.join("").trimEnd();
}
