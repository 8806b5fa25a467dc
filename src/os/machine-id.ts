// What tells one machine from another: machine-id(5). It is confidential, so only digests of it leave this host.

import { readFileIfExists } from "./files.ts";

export const machineIdFile = "/etc/machine-id";

/** Undefined where there is none, as in a container or on a host without systemd or D-Bus. */
export async function readMachineId(file: string): Promise<string | undefined> {
  const id = (await readFileIfExists(file))?.trim();
  return id === "" ? undefined : id;
}
