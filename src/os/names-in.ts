// The names in a directory that may not be there.

import { readdir } from "node:fs/promises";
import { errno, isNotFound } from "../std/errors.ts";

/** None if there is no such directory, also where a file is in its place. */
export async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (err) {
    if (isNotFound(err) || errno(err) === "ENOTDIR") return [];
    throw err;
  }
}
