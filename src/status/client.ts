// Asks the k0s that runs on this host how it is.

import { dirname } from "node:path";
import { lockHolder } from "../os/lock-holder.ts";
import { processInfo } from "../os/processes.ts";
import { nodePaths } from "../product/paths.ts";
import { directFetch } from "../std/direct-fetch.ts";
import { formatDuration } from "../std/duration.ts";
import { UserError } from "../std/errors.ts";
import { pause } from "../std/wait.ts";
import type { NodeTunnel } from "../components/konnectivity/tunnels/report.ts";
import type { ProbeReport } from "../supervisor/health-prober.ts";
import { type ConfigAnswer, configurationPath, type ConfigRequest } from "./configuration.ts";
import { type LogLevelOutcome, logLevelPath, type LogLevelRequest } from "./log-levels.ts";
import type { StatusReport } from "./protocol.ts";

/** The answer is made from what is known already. One that is later comes from a host that is overloaded, or from none. */
const promptMs = 2_000;

/** A k0s that runs and says nothing for so long is stuck, however slow its host is. */
const patienceMs = 30_000;

export async function queryStatus(
  socketPath: string,
  signal?: AbortSignal,
  timeoutMs = patienceMs,
): Promise<StatusReport> {
  return (await ask(socketPath, "/status", signal, timeoutMs)) as StatusReport;
}

export async function queryComponents(
  socketPath: string,
  maxCount: number,
  signal?: AbortSignal,
): Promise<ProbeReport> {
  return (await ask(socketPath, `/components?maxCount=${maxCount}`, signal, patienceMs)) as ProbeReport;
}

export async function queryTunnels(socketPath: string, signal?: AbortSignal): Promise<readonly NodeTunnel[]> {
  return ((await ask(socketPath, "/tunnels", signal, 5_000)) as { tunnels: readonly NodeTunnel[] }).tunnels;
}

/** Waits for the start of the component, if it is to be started again. */
export async function requestLogLevel(
  socketPath: string,
  request: LogLevelRequest,
  signal?: AbortSignal,
): Promise<LogLevelOutcome> {
  const body = { method: "PUT", body: JSON.stringify(request) };
  return (await ask(
    socketPath,
    logLevelPath,
    signal,
    request.restart ? 180_000 : 5_000,
    body,
  )) as LogLevelOutcome;
}

/** Plans or begins a change of the configuration, or tells how one goes. */
export async function requestConfiguration(
  socketPath: string,
  request: ConfigRequest,
  signal?: AbortSignal,
): Promise<ConfigAnswer> {
  const body = { method: "PUT", body: JSON.stringify(request) };
  return (await ask(socketPath, configurationPath, signal, 60_000, body)) as ConfigAnswer;
}

/** How it is with the ClusterConfig of the cluster; undefined: the k0s that runs is older, and does not tell. */
export async function queryObject(
  socketPath: string,
  signal?: AbortSignal,
): Promise<Pick<ConfigAnswer, "object"> | undefined> {
  try {
    return (await ask(socketPath, configurationPath, signal, patienceMs)) as ConfigAnswer;
  } catch (err) {
    if (err instanceof StatusError && err.status === 404) return undefined;
    throw err;
  }
}

class StatusError extends Error {
  readonly status: number;

  constructor(status: number, text: string) {
    super(`status API answered ${status}: ${text}`);
    this.status = status;
  }
}

async function ask(
  socketPath: string,
  path: string,
  signal: AbortSignal | undefined,
  timeoutMs: number,
  init: { readonly method?: string; readonly body?: string } = {},
): Promise<unknown> {
  const over = new AbortController();
  const ends = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
  const tooLate = untilStuck(socketPath, timeoutMs, over.signal).then((waitedMs) => {
    throw new UserError(`k0s does not answer within ${formatDuration(waitedMs)}`, {
      code: "no-answer",
      hint: `Something listens on ${socketPath}, but k0s is stuck or this host is overloaded: look at its log and at the load.`,
    });
  });
  try {
    return await Promise.race([answerOf(socketPath, path, { ...init, signal: ends }), tooLate]);
  } finally {
    over.abort();
  }
}

async function answerOf(
  socketPath: string,
  path: string,
  init: { readonly method?: string; readonly body?: string; readonly signal: AbortSignal },
): Promise<unknown> {
  let response: Response;
  try {
    response = await directFetch(`http://localhost${path}`, { ...init, unix: socketPath });
  } catch (err) {
    if (init.signal.aborted) throw err;
    throw new UserError("no k0s answers on this host", {
      code: "not-running",
      hint: `Nothing listens on ${socketPath}. Start k0s, or look as root.`,
      cause: err,
    });
  }
  if (!response.ok) throw new StatusError(response.status, await response.text());
  return response.json();
}

/** How long it was waited when nothing can be expected any more: a slow host may take its time, a k0s that is stopped may not. */
async function untilStuck(socketPath: string, timeoutMs: number, over: AbortSignal): Promise<number> {
  const first = Math.min(promptMs, timeoutMs);
  await pause(first, over);
  if (over.aborted || (await isStopped(socketPath))) return first;
  await pause(timeoutMs - first, over);
  return timeoutMs;
}

/** By a signal or a debugger: the k0s of the run directory in which the socket is. */
async function isStopped(socketPath: string): Promise<boolean> {
  const { runtimeConfigLock } = nodePaths({ runDir: dirname(socketPath) });
  const holder = await lockHolder(runtimeConfigLock);
  const info = holder === undefined ? undefined : await processInfo(holder.pid);
  return info?.state === "T" || info?.state === "t";
}
