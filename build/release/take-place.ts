// Puts a release into place: what was there goes only when the new one has its name.

import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Moves a folder and then files from `made` to `place`. An old folder of the name is in `made` afterwards. All else there
 * stays: other versions, and channels that this one is not in.
 */
export async function takePlace(
  made: string,
  place: string,
  { folder, files }: { readonly folder: string; readonly files: readonly string[] },
): Promise<void> {
  const [old, target] = [join(made, "replaced"), join(place, folder)];
  await mkdir(place, { recursive: true });
  const replaces = existsSync(target);
  if (replaces) await rename(target, old);
  try {
    await rename(join(made, folder), target);
  } catch (err) {
    if (replaces) await rename(old, target);
    throw err;
  }
  // Last: they name what is in the folder.
  for (const file of files) {
    await mkdir(dirname(join(place, file)), { recursive: true });
    await rename(join(made, file), join(place, file));
  }
}
