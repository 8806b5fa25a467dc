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

export function configurationProbe(problem: string | undefined): Probe {
  return {
    id: "configuration",
    displayName: `Configuration ${defaultConfigPath}`,
    check: async (host) => {
      if (problem !== undefined) return found(configurationUnusable, "", { error: problem });
      return pass((await host.exists(defaultConfigPath)) ? "usable" : "none, so the defaults");
    },
  };
}
