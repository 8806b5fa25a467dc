// The status API on a unix socket; upstream: pkg/component/status/status.go, reference §15.3.

import { rm } from "node:fs/promises";
import { acceptsConnections } from "../os/unix-socket.ts";
import { errorMessage, UserError } from "../std/errors.ts";
import type { RuntimeVars } from "../config/runtime-config.ts";
import type { Logger } from "../std/log.ts";
import type { Component, ComponentStatus } from "../supervisor/component.ts";
import { type NodeTunnel, tunnelProblems } from "../controller/tunnel-report.ts";
import { shownArguments } from "../token/shown-arguments.ts";
import type { HealthProber } from "../supervisor/health-prober.ts";
import { componentReport, findProblems, type StatusReport } from "./status-report.ts";

export interface StatusSources {
  readonly version: string;
  readonly role: "controller" | "worker";
  readonly workloads: boolean;
  readonly singleNode: boolean;
  readonly startedAt: Date;
  readonly k0sVars: RuntimeVars;
  /** The node's configuration; null on workers. */
  clusterConfig(): unknown;
  /** Of all groups, in the order they are to be shown. */
  componentStatuses(): readonly ComponentStatus[];
  /** Asks the API server with kubelet's credentials; absent without workloads. Throws when it does not answer. */
  askApiServer?(signal: AbortSignal): Promise<void>;
  /** Which nodes the API server reaches; absent where it needs no tunnels. */
  tunnels?(signal: AbortSignal): Promise<readonly NodeTunnel[]>;
  /** Facts for a person: `Datastore`, `Node`, `Expires`. */
  details?(): Promise<Readonly<Record<string, string>>>;
  /** What else is wrong, in sentences. */
  problems?(): readonly string[];
  readonly prober?: Pick<HealthProber, "report">;
}

export interface StatusServerOptions {
  readonly socketPath: string;
  readonly sources: StatusSources;
  readonly log: Logger;
}

const tunnelTimeoutMs = 3_000;
/** Upstream lets a request wait this long for kubelet's credentials. */
const apiTimeoutMs = 5 * 60_000;

export function createStatusServer({ socketPath, sources, log }: StatusServerOptions): Component {
  let server: Bun.Server<undefined> | undefined;
  return {
    name: "status",
    async start() {
      await clearSocketPath(socketPath);
      server = Bun.serve({
        unix: socketPath,
        fetch: (request, running) => {
          // Answers may wait for the API server; Bun would cut them off after ten seconds.
          running.timeout(request, 0);
          return answer(request, sources);
        },
        error: (err) => {
          log.error("Status request failed", { err });
          return Response.json({ error: err.message }, { status: 500 });
        },
      });
    },
    async stop() {
      await server?.stop(true);
      server = undefined;
      await rm(socketPath, { force: true });
    },
  };
}

async function answer(request: Request, sources: StatusSources): Promise<Response> {
  const url = new URL(request.url);
  if (request.method !== "GET") return new Response("method not allowed\n", { status: 405 });
  if (url.pathname === "/status") return Response.json(await statusReport(sources, request.signal));
  if (url.pathname === "/tunnels")
    return Response.json({ tunnels: (await tunnelStatus(sources, request.signal)) ?? [] });
  if (url.pathname !== "/components") return new Response("404 page not found\n", { status: 404 });
  const maxCount = Number(url.searchParams.get("maxCount") ?? "5");
  return Response.json(
    sources.prober?.report(Number.isInteger(maxCount) ? maxCount : 5) ?? { healthProbes: {}, events: {} },
  );
}

export async function statusReport(sources: StatusSources, signal: AbortSignal): Promise<StatusReport> {
  const [connection, details, tunnels] = await Promise.all([
    connectionStatus(sources, signal),
    sources.details?.() ?? {},
    tunnelStatus(sources, signal),
  ]);
  const components = sources.componentStatuses().map(componentReport);
  const problems = [
    ...(sources.problems?.() ?? []),
    ...findProblems(components, sources.workloads ? connection : undefined),
    ...atMostFive(tunnelProblems(tunnels ?? [])),
  ];
  return {
    Version: sources.version,
    Pid: process.pid,
    PPid: 0,
    Role: sources.role,
    SysInit: "",
    StubFile: "",
    Output: "",
    Workloads: sources.workloads,
    SingleNode: sources.singleNode,
    Args: shownArguments([process.argv0, ...process.argv.slice(2)]),
    WorkerToAPIConnectionStatus: connection,
    ClusterConfig: sources.clusterConfig(),
    K0sVars: sources.k0sVars,
    StartedAt: sources.startedAt.toISOString(),
    Healthy: problems.length === 0,
    Problems: problems,
    Components: components,
    Details: details,
    ...(tunnels === undefined ? {} : { Tunnels: tunnels }),
  };
}

/** Undefined where there are none, and where nobody can tell because the API server does not answer. */
async function tunnelStatus(
  sources: StatusSources,
  signal: AbortSignal,
): Promise<readonly NodeTunnel[] | undefined> {
  try {
    return await sources.tunnels?.(AbortSignal.any([signal, AbortSignal.timeout(tunnelTimeoutMs)]));
  } catch {
    // That the API server does not answer is told by its own component.
    return undefined;
  }
}

async function connectionStatus(
  sources: StatusSources,
  signal: AbortSignal,
): Promise<{ Message: string; Success: boolean }> {
  if (!sources.workloads || sources.askApiServer === undefined) return { Message: "", Success: false };
  try {
    await sources.askApiServer(AbortSignal.any([signal, AbortSignal.timeout(apiTimeoutMs)]));
    return { Message: "", Success: true };
  } catch (err) {
    return { Message: errorMessage(err), Success: false };
  }
}

/** Removes what a killed k0s left behind; a socket that somebody listens on is an error. */
async function clearSocketPath(path: string): Promise<void> {
  if (await acceptsConnections(path)) {
    throw new UserError(`somebody else already listens on ${path}`, {
      code: "status-socket-in-use",
      hint: "Is another k0s running? Stop it, or choose another --status-socket.",
    });
  }
  await rm(path, { force: true });
}

/** A controller whose port is closed has one problem, not one for every node. */
function atMostFive(problems: readonly string[]): readonly string[] {
  if (problems.length <= 5) return problems;
  return [...problems.slice(0, 5), `${problems.length - 5} more nodes have no tunnel to every controller`];
}
