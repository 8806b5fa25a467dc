// The directory that gets the file of a command, asked for before the work.

import { shellWord } from "../../host/service/quote.ts";
import { statIfExists } from "../../os/files.ts";
import { UserError } from "../../std/errors.ts";

/** Throws a UserError where there is none. `what`: in words; `or`: what else may be done than to make it. */
export async function assertDirectory(
  path: string,
  { what, or }: { readonly what: string; readonly or: string },
): Promise<void> {
  if ((await statIfExists(path))?.isDirectory() === true) return;
  throw new UserError(`${what} (${path}) does not exist`, {
    code: "no-directory",
    hint: `Make it (mkdir -p ${shellWord(path)}), or ${or}.`,
  });
}
