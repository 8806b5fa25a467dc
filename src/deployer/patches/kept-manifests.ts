// A patch that was made for the objects of another release. It must not keep a cluster from starting that runs without it.

import { UserError } from "../../std/errors.ts";
import { unfitPatch } from "./patch-objects.ts";

/**
 * Writes manifests at a start. Where a patch cannot be applied and there are manifests of an earlier start, those stay and the
 * reason is returned; at a first start it is thrown.
 */
export async function unlessUnfit(
  write: () => Promise<void>,
  wereWritten: () => Promise<boolean>,
): Promise<UserError | undefined> {
  try {
    await write();
    return undefined;
  } catch (err) {
    if (err instanceof UserError && err.code === unfitPatch && (await wereWritten())) return err;
    throw err;
  }
}
