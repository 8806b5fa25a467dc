// Takes the service off the host. Each step can be repeated: what is interrupted is run again.

import { dirname, join } from "node:path";
import { UserError } from "../../std/errors.ts";
import { pollUntil } from "../../std/wait.ts";
import type { Supervision } from "./definition.ts";
import type { ServiceHost } from "./effects.ts";
import { command, type InstalledService } from "./installed.ts";
import { removeLinks } from "./links.ts";
import { endService } from "./running.ts";
import { authorship } from "./signature.ts";
import { supervisorWait } from "./supervisor-wait.ts";

/**
 * For a reset: also what was edited, and what runs. One that cannot start is started again and again by
 * its manager, also when its definition has gone, and would make a new node out of nothing.
 */
export async function stopAndUninstall(
  service: InstalledService,
  host: ServiceHost,
  signal: AbortSignal,
): Promise<void> {
  await endService(service, host, { signal });
  await uninstallService(service, host, { force: true, signal });
}

/** Only what k0s wrote and nobody has edited goes, unless it is forced. The service has been stopped before. */
export async function uninstallService(
  service: InstalledService,
  host: ServiceHost,
  { force, signal }: { readonly force: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const { init, name, text } = service;
  const path = init.definitionPath(name);
  if (authorship(text) !== "ours" && !force)
    throw new UserError(`${path} is not as k0s wrote it`, {
      code: "definition-exists",
      hint: "--force removes it in spite of that.",
    });
  for (const words of init.unregister(name)) await command(init, host, words, init.isUnregistered);
  await removeLinks(init, name, host);
  await host.remove(path);
  await host.removeTemporaries(path);
  for (const left of init.leaves?.(name) ?? []) await host.remove(left);
  for (const left of init.leavesEmpty?.(name) ?? []) await host.removeDirectory(left);
  // The manager forgets by itself, too; that it does not know the service any more is no failure.
  for (const words of init.forget(name)) await host.run(words);
  if (init.supervision !== undefined) await removeSupervised(service, init.supervision, host, signal);
}

/** The directory of a service, with what its supervisor has left there: that goes once nobody works in it. */
async function removeSupervised(
  { init, name }: InstalledService,
  supervision: Supervision,
  host: ServiceHost,
  signal: AbortSignal,
): Promise<void> {
  const directory = dirname(init.definitionPath(name));
  await pollUntil(
    async () => ((await host.run(supervision.query(name))).code === 0 ? undefined : true),
    supervisorWait(`${init.title} to let go of ${name}`, signal),
  );
  for (const own of supervision.workDirs) await host.removeTree(join(directory, own));
  await host.removeDirectory(directory);
}
