import type { CliIo } from "../core/io.ts";
import { printJson, printYaml } from "../core/output.ts";

/** Prints data as asked for, or the text; says whether it was text. */
export function printAs(
  out: string,
  { text, data }: { text: () => string; data: () => object },
  io: CliIo,
): boolean {
  if (out === "json") printJson(io, data());
  else if (out === "yaml") printYaml(io, data());
  else io.out(text());
  return out !== "json" && out !== "yaml";
}
