// A directory as the parts of it that can go while some places below it stay.

import { join } from "node:path";
import { namesIn } from "../../os/names-in.ts";

export interface Part {
  readonly path: string;
  /** Names in it that go with all that is below them. */
  readonly entries: readonly string[];
}

/** Innermost first, `dir` itself last. Directories on the way to what is kept stay, too, and lose what else is in them. */
export async function partsAround(dir: Part, kept: readonly string[]): Promise<readonly Part[]> {
  const whole: string[] = [];
  const parts: Part[] = [];
  for (const name of dir.entries) {
    const path = join(dir.path, name);
    if (kept.includes(path)) continue;
    if (kept.some((one) => one.startsWith(`${path}/`)))
      parts.push(...(await partsAround({ path, entries: await namesIn(path) }, kept)));
    else whole.push(name);
  }
  return [...parts, { path: dir.path, entries: whole }];
}
