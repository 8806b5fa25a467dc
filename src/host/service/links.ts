// The links that make a service start at boot, where that is a link and no command.

import { basename, dirname, join, resolve } from "node:path";
import { UserError } from "../../std/errors.ts";
import type { InitSystem, ServiceLink, ServiceName } from "./definition.ts";
import type { ServiceHost } from "./effects.ts";

/** An entry of that name which leads elsewhere is somebody else's. */
export async function linkAll(init: InitSystem, name: ServiceName, host: ServiceHost): Promise<void> {
  for (const link of init.links(name)) {
    if ((await present(link, host)).length > 0) continue;
    if ((await host.linkTarget(link.path)) !== undefined || (await host.exists(link.path)))
      throw new UserError(`${link.path} exists and does not lead to ${link.target}`, { code: "link-exists" });
    await host.link(link);
  }
}

/** Only those that lead to the definition. */
export async function removeLinks(init: InitSystem, name: ServiceName, host: ServiceHost): Promise<void> {
  for (const link of init.links(name)) for (const path of await present(link, host)) await host.remove(path);
}

/** Where the link is, under whichever of its names; relative ones lead there, too. */
async function present({ path, renamed, target }: ServiceLink, host: ServiceHost): Promise<string[]> {
  const directory = dirname(path);
  const names =
    renamed === undefined
      ? [basename(path)]
      : (await host.names(directory)).filter((name) => renamed.test(name));
  const found: string[] = [];
  for (const one of names.map((name) => join(directory, name))) {
    const leads = await host.linkTarget(one);
    if (leads !== undefined && resolve(directory, leads) === target) found.push(one);
  }
  return found;
}
