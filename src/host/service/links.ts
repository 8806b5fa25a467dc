// The links that make a service start at boot, where that is a link and no command.

import { UserError } from "../../std/errors.ts";
import type { InitSystem, ServiceName } from "./definition.ts";
import type { ServiceHost } from "./effects.ts";

/** An entry of that name which leads elsewhere is somebody else's. */
export async function linkAll(init: InitSystem, name: ServiceName, host: ServiceHost): Promise<void> {
  for (const link of init.links(name)) {
    const target = await host.linkTarget(link.path);
    if (target === link.target) continue;
    if (target !== undefined || (await host.exists(link.path)))
      throw new UserError(`${link.path} exists and does not lead to ${link.target}`, { code: "link-exists" });
    await host.link(link);
  }
}

/** Only those that lead to the definition. */
export async function removeLinks(init: InitSystem, name: ServiceName, host: ServiceHost): Promise<void> {
  for (const { path, target } of init.links(name))
    if ((await host.linkTarget(path)) === target) await host.remove(path);
}
