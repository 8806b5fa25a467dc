// The service that runs the installation which `reset` removes.

import type { ServiceHost } from "../service/effects.ts";
import { type InstalledService, installedService } from "../service/installed.ts";
import type { InitSystem } from "../service/definition.ts";
import { authorship, dataDirOf } from "../service/signature.ts";

export interface ServiceObservation {
  readonly service: InstalledService | undefined;
  readonly leftAlone: readonly string[];
}

/** Only a definition that k0s wrote, for this very data directory, is k0s' to remove; also if it was edited since. */
export async function observeService(
  init: InitSystem | undefined,
  host: Pick<ServiceHost, "read">,
  dataDir: string,
): Promise<ServiceObservation> {
  const found = init === undefined ? undefined : await installedService(init, host);
  if (found === undefined) return { service: undefined, leftAlone: [] };
  if (authorship(found.text) !== "foreign" && dataDirOf(found.text) === dataDir)
    return { service: found, leftAlone: [] };
  const why = authorship(found.text) === "foreign" ? "not written by k0s" : "of another data directory";
  return { service: undefined, leftAlone: [`${found.init.definitionPath(found.name)} (${why})`] };
}
