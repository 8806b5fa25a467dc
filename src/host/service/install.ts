// Installs, starts and restarts the service. Each step can be repeated: what is interrupted is run again.

import { dirname } from "node:path";
import { UserError } from "../../std/errors.ts";
import { pollUntil } from "../../std/wait.ts";
import { type InitSystem, type ServiceDefinition, serviceNames, type Supervision } from "./definition.ts";
import type { ServiceHost } from "./effects.ts";
import { command, type InstalledService } from "./installed.ts";
import { linkAll, removeLinks } from "./links.ts";
import { type DefinitionPlan, planDefinition } from "./plan.ts";
import { isServiceRunning } from "./running.ts";
import { supervisorWait } from "./supervisor-wait.ts";

/** Returns what became of the definition. Nothing is written when it throws before the manager has been told. */
export async function installService(
  init: InitSystem,
  service: ServiceDefinition,
  host: ServiceHost,
  { force }: { readonly force: boolean },
): Promise<DefinitionPlan> {
  for (const other of serviceNames.filter((name) => name !== service.name)) {
    const path = init.definitionPath(other);
    if ((await host.read(path)) === undefined) continue;
    throw new UserError(`${other} is installed on this host, and a host runs one k0s`, {
      code: "other-role-installed",
      hint: `Remove it first with \`k0s uninstall\`. Its definition is ${path}.`,
    });
  }
  const wanted = init.definition(service);
  const before = await host.read(wanted.path);
  const plan = planDefinition(before, wanted, force);
  await host.removeTemporaries(wanted.path);
  try {
    if (plan.kind !== "same") await host.write(wanted);
    if (init.supervision === undefined) await linkAll(init, service.name, host);
    // Also for what was there: an earlier installation may have been interrupted before this.
    for (const words of init.register(service.name)) await command(init, host, words);
  } catch (err) {
    if (before === undefined) await takeBack(init, service.name, host);
    throw err;
  }
  return plan;
}

/**
 * What an installation has made that failed or was aborted, perhaps while the manager was doing as it was told. What the
 * manager says now is not looked at: it may not have got that far, and why the installation failed is said already.
 */
async function takeBack(init: InitSystem, name: ServiceDefinition["name"], host: ServiceHost): Promise<void> {
  const path = init.definitionPath(name);
  for (const words of init.unregister(name)) await host.runAnyway(words);
  await removeLinks(init, name, host);
  await host.remove(path);
  for (const words of init.forget(name)) await host.runAnyway(words);
  if (init.supervision !== undefined) await host.removeDirectory(dirname(path));
}

/** Throws a UserError if it runs already, as upstream does. */
export async function startService(
  service: InstalledService,
  host: ServiceHost,
  signal: AbortSignal,
): Promise<void> {
  const { init, name } = service;
  if (await isServiceRunning(service, host))
    throw new UserError("already running", {
      code: "already-running",
      hint: `${name} runs in ${init.title}.`,
    });
  if (init.supervision !== undefined) {
    await linkAll(init, name, host);
    for (const words of init.register(name)) await command(init, host, words);
    await untilSupervised(service, init.supervision, host, signal);
  }
  await command(init, host, init.start(name));
}

export async function restartService(
  service: InstalledService,
  host: ServiceHost,
  signal: AbortSignal,
): Promise<void> {
  if (!(await isServiceRunning(service, host))) return startService(service, host, signal);
  await command(service.init, host, service.init.restart(service.name));
}

async function untilSupervised(
  { init, name }: InstalledService,
  supervision: Supervision,
  host: Pick<ServiceHost, "exists">,
  signal: AbortSignal,
): Promise<void> {
  await pollUntil(
    async () => ((await host.exists(supervision.sign(name))) ? true : undefined),
    supervisorWait(`${init.title} to look after ${name}`, signal),
  );
}
