// The log of the k0s of this host, whether it runs or not.

import { serviceOf } from "../../os/service-manager.ts";
import type { NodePaths } from "../../product/paths.ts";
import { runningK0s } from "../../status/owner.ts";
import { serviceNames } from "../service/definition.ts";
import { keptLogOlder, logFiles } from "./files.ts";
import { journal } from "./journal.ts";
import { type LogSource, presentSource, type UnreadSource } from "./source.ts";

/** Undefined: no k0s has logged anything here. `tell`: of a log that cannot be read where there is another one. */
export async function withNodeLog<T>(
  paths: NodePaths,
  signal: AbortSignal,
  tell: (unread: UnreadSource) => void,
  work: (log: LogSource | undefined) => Promise<T>,
): Promise<T> {
  await using files = logFiles({ path: paths.logFile, older: keptLogOlder });
  return await work(await presentSource([files, ...(await journals(paths, signal))], signal, tell));
}

/** Of the services of k0s, and of that which runs it now, if somebody has written it himself. */
async function journals(paths: NodePaths, signal: AbortSignal): Promise<readonly LogSource[]> {
  const k0s = await runningK0s(paths);
  const service = k0s === undefined ? undefined : await serviceOf(k0s, signal);
  const running = service?.manager === "systemd" ? [service.name] : [];
  const units = new Set([...serviceNames.map((name) => `${name}.service`), ...running]);
  const found = journal([...units]);
  return found === undefined ? [] : [found];
}
