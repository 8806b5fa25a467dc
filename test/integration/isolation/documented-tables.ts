// Reads the tables of docs/isolation.md, so that a test can hold a running controller against them.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

export interface DocumentedProcess {
  readonly process: string;
  readonly user: string;
  readonly group: string;
  readonly capabilities: string;
  readonly listens: readonly string[];
}

export interface DocumentedFile {
  readonly path: string;
  readonly mode: string;
  readonly owner: string;
  readonly readers: readonly string[];
}

export interface DocumentedIsolation {
  readonly processes: readonly DocumentedProcess[];
  readonly files: readonly DocumentedFile[];
}

export async function documentedIsolation(): Promise<DocumentedIsolation> {
  const text = await readFile(join(import.meta.dir, "../../../docs/isolation.md"), "utf8");
  return {
    processes: rows(text, "process").map(
      ([process = "", user = "", group = "", capabilities = "", listens = ""]) => ({
        process,
        user,
        group,
        capabilities,
        listens: list(listens),
      }),
    ),
    files: rows(text, "path").map(([path = "", mode = "", owner = "", readers = ""]) => ({
      path,
      mode,
      owner,
      readers: list(readers),
    })),
  };
}

/** Cells of the table whose first column is called so. */
function rows(text: string, firstColumn: string): string[][] {
  const lines = text.split("\n");
  const head = lines.findIndex((line) => line.startsWith(`| ${firstColumn} `));
  const body = lines.slice(head + 2);
  return body
    .slice(
      0,
      body.findIndex((line) => !line.startsWith("|")),
    )
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function list(cell: string): string[] {
  return cell === "" ? [] : cell.split(", ").sort();
}
