// The service that runs the installation which `reset` removes.

import type { ServiceHost } from "../service/effects.ts";
import { type InstalledService, installedServices } from "../service/installed.ts";
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
  const found = init === undefined ? [] : await installedServices(init, host);
  const service = found.find(({ text }) => authorship(text) !== "foreign" && dataDirOf(text) === dataDir);
  const leftAlone = found.filter((one) => one !== service).map(whyLeftAlone);
  return { service, leftAlone };
}

/** Whether a definition for this very data directory is there as k0s wrote it: it proves itself, and nothing but itself. */
export async function hasSignedService(
  init: InitSystem | undefined,
  host: Pick<ServiceHost, "read">,
  dataDir: string,
): Promise<boolean> {
  const { service } = await observeService(init, host, dataDir);
  return service !== undefined && authorship(service.text) === "ours";
}

function whyLeftAlone({ init, name, text }: InstalledService): string {
  const why = authorship(text) === "foreign" ? "not written by k0s" : "of another data directory";
  return `${init.definitionPath(name)} (${why})`;
}
