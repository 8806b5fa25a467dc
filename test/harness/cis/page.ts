// The table of docs/hardening.md.

import { cisChecks } from "./checks.ts";
import { type CisCheck, lookText } from "./look.ts";

const head = "| check | about | looked at | with `hardening: cis` |\n| --- | --- | --- | --- |\n";

function cisTable(): string {
  return head + cisChecks.map(row).join("");
}

function row({ id, about, looks, open }: CisCheck): string {
  const looked = [...new Set(looks.map(lookText))].join("; ");
  return `| ${id} | ${about} | ${looked} | ${open === undefined ? "passes" : `open: ${open}`} |\n`;
}

/** The page with its table made again. */
export function withCisTable(page: string): string {
  const begin = page.indexOf(head.slice(0, head.indexOf("\n")));
  if (begin < 0) throw new Error("the page has no table of checks");
  const end = page.indexOf("\n\n", begin);
  return page.slice(0, begin) + cisTable() + page.slice(end + 1);
}
