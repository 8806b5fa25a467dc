// The file that gets the configuration of a backup. Upstream replaces the one that is there. So does this, and keeps it under
// another name: an operator's own k0s.yaml may have what no backup has.

import { timeInName } from "../../host/backup/layout.ts";
import { writeFileAtomic } from "../../os/files.ts";
import { writeNewFile } from "../../os/new-file.ts";
import { openRegularFile } from "../../os/regular-file.ts";

/** Resolves to the new name of a different file that was there; undefined if there was none. */
export async function writeConfiguration(path: string, text: string, now: Date): Promise<string | undefined> {
  const before = await content(path);
  // Also after a restore that was interrupted, which has kept it already.
  const differs = before !== undefined && !before.equals(Buffer.from(text));
  const kept = differs ? `${path}.${timeInName(now)}` : undefined;
  if (differs && kept !== undefined) await writeNewFile(kept, before);
  // Both may hold the password of a database.
  await writeFileAtomic(path, text, { mode: 0o600 });
  return kept;
}

async function content(path: string): Promise<Buffer | undefined> {
  const file = await openRegularFile(path);
  try {
    return await file?.readFile();
  } finally {
    await file?.close();
  }
}
