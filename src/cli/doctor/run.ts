// `k0s doctor`: what is wrong with the node of this host. Upstream has no such command.

import { examineHost } from "../../host/doctor/examine.ts";
import type { CliIo } from "../core/io.ts";
import { livePaths } from "../core/live-paths.ts";
import { printJson, printYaml } from "../core/output.ts";
import { requireRoot } from "../core/require-root.ts";
import { diagnosisData } from "./data.ts";
import { diagnosisText } from "./text.ts";

export interface DoctorFlags {
  readonly dataDir: string;
  readonly statusSocket: string;
  readonly out: string;
}

/** Whatever hangs, nobody waits longer. */
const limitMs = 20_000;

export async function doctor(flags: DoctorFlags, io: CliIo): Promise<number> {
  requireRoot(io);
  const paths = await livePaths(flags, io);
  const signal = AbortSignal.any([io.signal, AbortSignal.timeout(limitMs)]);
  const { node, diagnosis } = await examineHost(paths, signal);
  if (flags.out === "json") printJson(io, diagnosisData(diagnosis, node));
  else if (flags.out === "yaml") printYaml(io, diagnosisData(diagnosis, node));
  else io.out(diagnosisText(diagnosis, { terminal: io.terminal.stdout }));
  return diagnosis.findings.length === 0 ? 0 : 1;
}
