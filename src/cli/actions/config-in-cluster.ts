// `k0s config edit` and `k0s config status`: kubectl on the ClusterConfig object. Reference §1.3.

import type { CliIo } from "../io.ts";
import { kubectl } from "./kubectl.ts";

export function configEdit(flags: { dataDir: string }, io: CliIo): Promise<number> {
  return kubectl([`--data-dir=${flags.dataDir}`, "-n", "kube-system", "edit", "clusterconfig", "k0s"], io);
}

export function configStatus(flags: { dataDir: string; output: string }, io: CliIo): Promise<number> {
  const args = [
    `--data-dir=${flags.dataDir}`,
    "-n",
    "kube-system",
    "get",
    "event",
    "--field-selector",
    "involvedObject.name=k0s",
  ];
  return kubectl([...args, ...(flags.output === "" ? [] : ["-o", flags.output])], io);
}
