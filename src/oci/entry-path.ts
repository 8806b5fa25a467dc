// Names inside an archive. Nothing is ever written by them, but an archive whose names lead out of it was made to do harm,
// or is not what it seems: it is refused as a whole.

import { posix } from "node:path";
import { UserError } from "../std/errors.ts";

/** Without `./` and doubled slashes. Throws a UserError for a name that is absolute or leads above the archive. */
export function entryPath(name: string, source: string): string {
  const path = posix.normalize(name).replace(/\/$/, "");
  if (leadsOut(path))
    throw new UserError(
      `${source} has an entry that leads out of the archive: ${JSON.stringify(name)}`,
      outside,
    );
  return path;
}

/**
 * Where a link inside an archive points to: a symbolic one is relative to its own folder, a hard one to the top of the
 * archive. Throws a UserError when that is outside.
 */
export function linkTarget(
  link: { readonly path: string; readonly target: string; readonly symbolic: boolean },
  source: string,
): string {
  const from = link.symbolic ? posix.dirname(link.path) : "";
  const target = posix.isAbsolute(link.target) ? link.target : posix.join(from, link.target);
  if (leadsOut(target))
    throw new UserError(
      `${source} has a link that leads out of the archive: ${JSON.stringify(link.path)} to ${JSON.stringify(link.target)}`,
      outside,
    );
  return posix.normalize(target);
}

const outside = { code: "archive-path" };

function leadsOut(path: string): boolean {
  return posix.isAbsolute(path) || path === ".." || path.startsWith("../");
}
