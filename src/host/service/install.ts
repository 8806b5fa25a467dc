// Installs, starts, restarts and uninstalls the service. Each step can be repeated: what is interrupted is run again.

import { dirname, join } from "node:path";
import { UserError } from "../../std/errors.ts";
import { type PollOptions, pollUntil } from "../../std/wait.ts";
import { type InitSystem, type ServiceDefinition, serviceNames, type Supervision } from "./definition.ts";
import type { ServiceHost } from "./effects.ts";
import { command, type InstalledService } from "./installed.ts";
import { type DefinitionPlan, planDefinition } from "./plan.ts";
import { authorship } from "./signature.ts";

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

/** What an installation that failed has made. */
async function takeBack(init: InitSystem, name: ServiceDefinition["name"], host: ServiceHost): Promise<void> {
  const path = init.definitionPath(name);
  await removeLinks(init, name, host);
  await host.remove(path);
  if (init.supervision !== undefined) await host.removeDirectory(dirname(path));
}

export async function isServiceRunning(
  { init, name }: Omit<InstalledService, "text">,
  host: Pick<ServiceHost, "run">,
): Promise<boolean> {
  return init.isRunning(await host.run(init.query(name)));
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
  for (const words of init.unregister(name)) await command(init, host, words);
  await removeLinks(init, name, host);
  await host.remove(path);
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

/** An entry of that name which leads elsewhere is somebody else's. */
async function linkAll(init: InitSystem, name: ServiceDefinition["name"], host: ServiceHost): Promise<void> {
  for (const link of init.links(name)) {
    const target = await host.linkTarget(link.path);
    if (target === link.target) continue;
    if (target !== undefined || (await host.exists(link.path)))
      throw new UserError(`${link.path} exists and does not lead to ${link.target}`, { code: "link-exists" });
    await host.link(link);
  }
}

/** Only those that lead to the definition. */
async function removeLinks(
  init: InitSystem,
  name: ServiceDefinition["name"],
  host: ServiceHost,
): Promise<void> {
  for (const { path, target } of init.links(name))
    if ((await host.linkTarget(path)) === target) await host.remove(path);
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

/** A supervisor looks at its directory every few seconds. */
function supervisorWait(what: string, signal: AbortSignal): PollOptions {
  return { what, signal, intervalMs: 200, timeoutMs: 30_000 };
}
