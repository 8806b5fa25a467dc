// Where a Kubernetes program of the control plane serves, by the arguments that a user adds to those of k0s.

import { type FlagMap, lastFlagValue } from "../std/flags.ts";
import type { YamlPath } from "../std/yaml-positions.ts";
import { type DeclaredPort, loopback } from "./declaration.ts";

export interface AddedArgs {
  readonly extraArgs: FlagMap;
  readonly rawArgs: readonly string[];
}

/** None if it does not serve at all (`secure-port: "0"`). `section` is where the arguments stand in k0s.yaml. */
export function securePorts(
  byDefault: number,
  { extraArgs, rawArgs }: AddedArgs,
  section: YamlPath,
): readonly DeclaredPort[] {
  const raw = lastFlagValue(rawArgs, "secure-port");
  const given = raw ?? extraArgs["secure-port"];
  const port = given === undefined ? byDefault : Number(given);
  // The program itself refuses what is not a port.
  if (!Number.isInteger(port) || port === 0) return [];
  const bound = lastFlagValue(rawArgs, "bind-address") ?? extraArgs["bind-address"] ?? "";
  // An empty one is as if it were not given.
  const address = bound === "" ? loopback : bound;
  const setting = raw === undefined ? ["extraArgs", "secure-port"] : ["rawArgs"];
  return [{ port, address, ...(given === undefined ? {} : { setting: [...section, ...setting] }) }];
}
