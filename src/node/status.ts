// Asks the k0s that runs on this host how it is.

import { directFetch } from "../std/direct-fetch.ts";
import { UserError } from "../std/errors.ts";
import type { NodeTunnel } from "../controller/tunnel-report.ts";
import type { ProbeReport } from "../supervisor/health-prober.ts";
import type { StatusReport } from "./status-report.ts";

export async function queryStatus(socketPath: string, signal?: AbortSignal): Promise<StatusReport> {
  return (await ask(socketPath, "/status", signal)) as StatusReport;
}

export async function queryComponents(
  socketPath: string,
  maxCount: number,
  signal?: AbortSignal,
): Promise<ProbeReport> {
  return (await ask(socketPath, `/components?maxCount=${maxCount}`, signal)) as ProbeReport;
}

export async function queryTunnels(socketPath: string, signal?: AbortSignal): Promise<readonly NodeTunnel[]> {
  return ((await ask(socketPath, "/tunnels", signal)) as { tunnels: readonly NodeTunnel[] }).tunnels;
}

async function ask(socketPath: string, path: string, signal: AbortSignal | undefined): Promise<unknown> {
  let response: Response;
  try {
    response = await directFetch(`http://localhost${path}`, {
      unix: socketPath,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (err) {
    if (signal?.aborted === true) throw err;
    throw new UserError("no k0s answers on this host", {
      code: "not-running",
      hint: `Nothing listens on ${socketPath}. Start k0s, or look as root.`,
      cause: err,
    });
  }
  if (!response.ok) throw new Error(`status API answered ${response.status}: ${await response.text()}`);
  return response.json();
}
