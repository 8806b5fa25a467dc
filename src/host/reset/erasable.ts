// Whether k0s' own directories can be emptied at all: asked before the first thing is changed.

import { notWritableBecause } from "../../os/disk-space.ts";
import { type Mount, mountHolding } from "../../os/mounts.ts";
import { UserError } from "../../std/errors.ts";
import type { OwnDirectory } from "./observation.ts";

/** Throws a UserError when nothing can be deleted in one of them, e.g. on a read-only file system. Changes nothing. */
export async function assertErasable(
  own: readonly Pick<OwnDirectory, "path">[],
  mounts: readonly Mount[],
): Promise<void> {
  for (const { path } of own) {
    const why = await notWritableBecause(path);
    if (why === undefined) continue;
    const mount = mountHolding(mounts, path);
    const remedy =
      mount === undefined ? "Mend that" : `Make it writable, e.g. \`mount -o remount,rw ${mount.target}\``;
    throw new UserError(`${path} cannot be emptied: ${why}`, {
      code: "not-erasable",
      hint: `Nothing was changed. ${remedy}, and run k0s reset again.`,
    });
  }
}
