// `k0s doctor`: what is wrong with the node of this host. Upstream has no such command.

import { type Examined, examineHost } from "../../host/doctor/examine.ts";
import type { NodePaths } from "../../product/paths.ts";
import { formatDuration } from "../../std/duration.ts";
import { UserError } from "../../std/errors.ts";
import { unlessAborted } from "../../std/wait.ts";
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

async function examineInTime(paths: NodePaths, signal: AbortSignal): Promise<Examined> {
  const limit = AbortSignal.timeout(limitMs);
  const over = AbortSignal.any([signal, limit]);
  try {
    return await unlessAborted(examineHost(paths, over), over);
  } catch (err) {
    if (!limit.aborted || signal.aborted) throw err;
    throw new UserError(`this host cannot be looked at within ${formatDuration(limitMs)}`, {
      code: "doctor-timeout",
      hint: "Something that is asked first hangs: a disk (dmesg), or the service manager.",
      cause: err,
    });
  }
}

export async function doctor(flags: DoctorFlags, io: CliIo): Promise<number> {
  requireRoot(io);
  const paths = await livePaths(flags, io);
  const { node, diagnosis } = await examineInTime(paths, io.signal);
  if (flags.out === "json") printJson(io, diagnosisData(diagnosis, node));
  else if (flags.out === "yaml") printYaml(io, diagnosisData(diagnosis, node));
  else io.out(diagnosisText(diagnosis, { terminal: io.terminal.stdout }));
  return diagnosis.findings.length === 0 ? 0 : 1;
}
