// k0s.yaml, if there is one: the networks and ports that are looked at stand in it.

import { defaultConfigPath } from "../../config/load.ts";
import { type Finding, found } from "./finding.ts";
import { pass, type Probe } from "./probe.ts";

export const configurationUnusable: Finding = {
  category: "warning",
  message: "{error}",
  why: "A controller does not start with it; the defaults were looked at instead.",
  remedy: `\`k0s config validate --config ${defaultConfigPath}\` shows all that is wrong.`,
};

export const configurationWithoutEffect: Finding = {
  category: "warning",
  message: "{warnings}",
  why: "A controller starts with it, but these fields have no effect.",
  remedy: "Leave them out, or set what is named.",
};

export interface ConfigurationOfHost {
  /** Why k0s.yaml cannot be used. */
  readonly problem?: string | undefined;
  /** Fields without effect, a text each. */
  readonly warnings?: readonly string[];
}

export function configurationProbe({ problem, warnings = [] }: ConfigurationOfHost = {}): Probe {
  return {
    id: "configuration",
    displayName: `Configuration ${defaultConfigPath}`,
    check: async (host) => {
      if (problem !== undefined) return found(configurationUnusable, "", { error: problem });
      if (warnings.length > 0)
        return found(configurationWithoutEffect, "", { warnings: warnings.join("; ") });
      return pass((await host.exists(defaultConfigPath)) ? "usable" : "none, so the defaults");
    },
  };
}
