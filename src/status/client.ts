// Asks the k0s that runs on this host how it is.

import { directFetch } from "../std/direct-fetch.ts";
import { formatDuration } from "../std/duration.ts";
import { UserError } from "../std/errors.ts";
import type { NodeTunnel } from "../components/konnectivity/tunnels/report.ts";
import type { ProbeReport } from "../supervisor/health-prober.ts";
import { type LogLevelOutcome, logLevelPath, type LogLevelRequest } from "./log-levels.ts";
import type { StatusReport } from "./protocol.ts";

/** The answer is made from what is known already: a k0s that takes longer is stuck, or its host is. */
const patienceMs = 2_000;

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

async function ask(
  socketPath: string,
  path: string,
  signal: AbortSignal | undefined,
  timeoutMs: number,
  init: { readonly method?: string; readonly body?: string } = {},
): Promise<unknown> {
  const timeout = AbortSignal.timeout(timeoutMs);
  let response: Response;
  try {
    response = await directFetch(`http://localhost${path}`, {
      ...init,
      unix: socketPath,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
  } catch (err) {
    if (signal?.aborted === true) throw err;
    if (timeout.aborted) {
      throw new UserError(`k0s does not answer within ${formatDuration(timeoutMs)}`, {
        code: "no-answer",
        hint: `Something listens on ${socketPath}, but k0s is stuck or this host is overloaded: look at its log and at the load.`,
        cause: err,
      });
    }
    throw new UserError("no k0s answers on this host", {
      code: "not-running",
      hint: `Nothing listens on ${socketPath}. Start k0s, or look as root.`,
      cause: err,
    });
  }
  if (!response.ok) throw new Error(`status API answered ${response.status}: ${await response.text()}`);
  return response.json();
}
