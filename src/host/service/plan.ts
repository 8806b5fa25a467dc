// What an installation of the service does to the definition that is there already.

import { UserError } from "../../std/errors.ts";
import type { ServiceFile } from "./definition.ts";
import { shownLine } from "./shown-definition.ts";
import { authorship, unsignedLines } from "./signature.ts";

export type DefinitionPlan =
  | { readonly kind: "write" }
  | { readonly kind: "same" }
  | { readonly kind: "change"; readonly difference: readonly string[] };

/**
 * `present`: the text of the definition that is there. What k0s wrote and nobody has edited is changed to what is asked for
 * now; anything else only with `force`. Throws a UserError that shows the difference.
 */
export function planDefinition(
  present: string | undefined,
  wanted: ServiceFile,
  force: boolean,
): DefinitionPlan {
  if (present === undefined) return { kind: "write" };
  if (present === wanted.text) return { kind: "same" };
  const difference = differenceOf(present, wanted.text);
  const author = authorship(present);
  if (author === "ours" || force) return { kind: "change", difference };
  const why = author === "changed" ? "was edited after k0s wrote it" : "was not written by k0s";
  throw new UserError(`${wanted.path} exists and ${why}`, {
    code: "definition-exists",
    hint: `--force replaces it. The difference:\n${difference.join("\n")}`,
  });
}

/** Lines of one text alone: `- old`, `+ new`. Values of variables may be secrets, and what is shown may be kept in a log. */
export function differenceOf(from: string, to: string): string[] {
  const before = unsignedLines(from);
  const after = unsignedLines(to);
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${shownLine(line)}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${shownLine(line)}`),
  ];
}
