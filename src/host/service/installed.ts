// The service of k0s that a host has. Upstream: pkg/install/service.go, InstalledService.

import { readFileIfExists } from "../../os/files.ts";
import { UserError } from "../../std/errors.ts";
import { detectInitSystem, thisHost } from "./detect.ts";
import {
  type Answer,
  type HostCommand,
  type InitSystem,
  type ServiceName,
  serviceNames,
} from "./definition.ts";
import type { ServiceHost } from "./effects.ts";
import { authorship } from "./signature.ts";

export interface InstalledService {
  readonly init: InitSystem;
  readonly name: ServiceName;
  /** Text of its definition. */
  readonly text: string;
}

/** Those that have a definition under a name of k0s. What k0s wrote comes first: it writes one at most. */
export async function installedServices(
  init: InitSystem,
  host: Pick<ServiceHost, "read">,
): Promise<readonly InstalledService[]> {
  const found: InstalledService[] = [];
  for (const name of serviceNames) {
    const text = await host.read(init.definitionPath(name));
    if (text !== undefined) found.push({ init, name, text });
  }
  return found.toSorted((a, b) => Number(isForeign(a)) - Number(isForeign(b)));
}

function isForeign({ text }: InstalledService): boolean {
  return authorship(text) === "foreign";
}

/** Undefined on a host without one. */
export async function installedService(
  init: InitSystem,
  host: Pick<ServiceHost, "read">,
): Promise<InstalledService | undefined> {
  return (await installedServices(init, host))[0];
}

/** For `k0s status`: which service manager runs k0s here, by which file. */
export async function serviceOfHost(): Promise<{ platform: string; definition: string } | undefined> {
  const init = await detectInitSystem(await thisHost());
  const service = init === undefined ? undefined : await installedService(init, { read: readFileIfExists });
  if (service === undefined) return undefined;
  return { platform: service.init.platform, definition: service.init.definitionPath(service.name) };
}

/** The service of this host; throws a UserError that says what to do where there is none: `hint`, else to install it. */
export async function requireService(
  init: InitSystem | undefined,
  host: Pick<ServiceHost, "read">,
  hint: () => Promise<string | undefined> = async () => undefined,
): Promise<InstalledService> {
  const found = init === undefined ? undefined : await installedService(init, host);
  if (found !== undefined) return found;
  throw new UserError("k0s has not been installed as a service", {
    code: "not-installed",
    hint: (await hint()) ?? "Install it with `k0s install controller` or `k0s install worker`.",
  });
}

/** Throws a UserError with the manager's own words when it refuses. `isDone`: some failures only say that it was done before. */
export async function command(
  init: InitSystem,
  host: Pick<ServiceHost, "run">,
  words: HostCommand,
  isDone: (answer: Answer) => boolean = () => false,
): Promise<void> {
  const answer = await host.run(words);
  const { code, stdout, stderr } = answer;
  if (code === 0 || isDone(answer)) return;
  const why = `${stderr}\n${stdout}`.trim();
  throw new UserError(`${init.title}: \`${words.join(" ")}\` failed${why === "" ? "" : `: ${why}`}`, {
    code: "service-manager-refused",
    hint: "The service manager's own log says more.",
  });
}
