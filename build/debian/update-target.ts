// `make update-debian`: the newest packages of every set into the lock, and what changes by it.

import { join } from "node:path";
import { writeFileAtomic } from "../../src/os/files.ts";
import { formatTable } from "../../src/std/text-table.ts";
import { cacheRoot } from "../cache-root.ts";
import { type Platform, parsePlatform } from "../platform.ts";
import type { BuildContext, BuildTarget } from "../targets.ts";
import { Apt } from "./apt.ts";
import {
  type ArchitectureLock,
  type DebianLock,
  formatLock,
  lockChanges,
  lockPath,
  readLock,
} from "./lock.ts";
import { setKey } from "./package-set.ts";
import { packageSets } from "./sets.ts";

export const updateDebianTarget: BuildTarget = { run };

async function run(context: BuildContext): Promise<void> {
  const before = await readLock();
  const after: DebianLock = {
    release: before.release,
    amd64: await resolveAll(parsePlatform("amd64"), before.release, context),
    arm64: await resolveAll(parsePlatform("arm64"), before.release, context),
  };
  await writeFileAtomic(lockPath, formatLock(after));
  for (const arch of ["amd64", "arm64"] as const) {
    const changes = lockChanges(before[arch], after[arch]);
    const rows = changes.map((change) => [change.name, change.old ?? "-", "→", change.new ?? "-"]);
    if (rows.length === 0) context.report.ready(`${arch}: nothing changed`);
    else context.report.ready(formatTable([arch.toUpperCase(), "OLD", "", "NEW"], rows).trimEnd());
  }
}

async function resolveAll(
  platform: Platform,
  release: string,
  { signal, report }: BuildContext,
): Promise<ArchitectureLock> {
  const step = report.step(`Debian ${release} for ${platform.id}`);
  try {
    const dir = join(cacheRoot(), "debian", platform.dir, "apt");
    const apt = await Apt.open({ platform, dir, release, signal });
    await apt.readLists();
    const lock: ArchitectureLock = { sets: {}, packages: {} };
    for (const set of packageSets(platform)) {
      const packages = await apt.resolve(set);
      lock.sets[setKey(set)] = packages.map(({ name }) => name);
      for (const { name, version, sha256 } of packages) lock.packages[name] = { version, sha256 };
    }
    step.done(`${Object.keys(lock.packages).length} packages in ${Object.keys(lock.sets).length} sets`);
    return lock;
  } catch (err) {
    step.fail(err);
    throw err;
  }
}
