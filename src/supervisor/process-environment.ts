// The environment of a supervised process, from what it is started with.

import { childEnvironment, type EnvironmentInput } from "./environment.ts";
import type { SupervisedProcessOptions } from "./process-options.ts";

/** What a supervised process gets that starts now. */
export function processEnvironment(
  options: Pick<
    SupervisedProcessOptions,
    "name" | "usesProxy" | "keepsPrefix" | "noProxy" | "binDir" | "env"
  >,
  inherited: EnvironmentInput["inherited"],
): Record<string, string> {
  const { name, usesProxy = false, keepsPrefix = false, noProxy, binDir, env } = options;
  return childEnvironment({
    name,
    inherited,
    usesProxy,
    keepsPrefix,
    noProxy: noProxy?.() ?? [],
    ...(binDir === undefined ? {} : { binDir }),
    ...(env === undefined ? {} : { extra: env }),
  });
}
