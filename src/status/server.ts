// The status API on a unix socket. Upstream: pkg/component/status/status.go.

import { unlessAborted } from "../std/wait.ts";
import type { RuntimeVars } from "../config/runtime-config.ts";
import type { Logger } from "../std/log.ts";
import type { Component, ComponentStatus } from "../supervisor/component.ts";
import type { KnownChart } from "../components/helm-extensions/known-charts.ts";
import { type NodeTunnel, tunnelProblems } from "../components/konnectivity/tunnels/report.ts";
import { shownArguments } from "../token/shown-arguments.ts";
import type { HealthProber } from "../supervisor/health-prober.ts";
import {
  type ConfigAnswer,
  type ConfigLook,
  configurationPath,
  type ConfigRequest,
} from "./configuration.ts";
import { changeLogLevel, logLevelPath, type LogLevels } from "./log-levels.ts";
import { componentProblems } from "./problems/components.ts";
import type { NodeObserver } from "./observers/node.ts";
import { type Problem, problemText } from "./problems/problem.ts";
import { componentReport, type StatusReport } from "./protocol.ts";
import { statusSocket } from "./socket.ts";

export interface HostService {
  /** As upstream names service managers: `linux-systemd`. */
  readonly platform: string;
  /** Path of its definition. */
  readonly definition: string;
}

export interface StatusSources {
  readonly version: string;
  readonly role: "controller" | "worker";
  readonly workloads: boolean;
  readonly singleNode: boolean;
  readonly startedAt: Date;
  readonly k0sVars: RuntimeVars;
  /** The service of this host that runs k0s, asked each time: it can be installed while k0s runs. */
  service?(): Promise<HostService | undefined>;
  /** The node's configuration; null on workers. */
  clusterConfig(): unknown;
  /** Of all groups, in the order they are to be shown. */
  componentStatuses(): readonly ComponentStatus[];
  /** What the node has found out about itself. */
  readonly observer: Pick<
    NodeObserver,
    "apiFailure" | "hostProblems" | "clusterProblems" | "readiness" | "details"
  >;
  /** Which nodes the API server reaches; absent where it needs no tunnels. */
  tunnels?(signal: AbortSignal): Promise<readonly NodeTunnel[]>;
  /** Helm charts of the cluster; absent on workers. How they are is not how the node is. */
  charts?(signal: AbortSignal): Promise<readonly KnownChart[]>;
  /** What keeps this node from joining, or has ended its part in the cluster. */
  troubles?(): readonly Problem[];
  /** Changes the log level of a component, and starts it again if asked; absent where nothing runs. */
  readonly logLevels?: LogLevels;
  /** Plans and changes the configuration; absent on workers. */
  readonly configuration?: (request: ConfigRequest | ConfigLook) => Promise<ConfigAnswer>;
  readonly prober?: Pick<HealthProber, "report" | "failure">;
}

export interface StatusServerOptions {
  readonly socketPath: string;
  /** Of k0s itself: what has the socket's name there is a left-over, as a crash of the machine may make a file of a socket. */
  readonly runDir: string;
  readonly sources: StatusSources;
  readonly log: Logger;
  /** From one look whether the socket is still there to the next; default 10 s. */
  readonly lookEveryMs?: number;
}

/** For those who ask about the tunnels alone. */
const tunnelTimeoutMs = 3_000;
/** Of the whole status: nothing that hangs holds it up for longer. */
const statusTimeoutMs = 1_000;

export function createStatusServer(options: StatusServerOptions): Component {
  const { socketPath, runDir, sources, log, lookEveryMs } = options;
  return statusSocket({
    path: socketPath,
    runDir,
    log,
    ...(lookEveryMs === undefined ? {} : { everyMs: lookEveryMs }),
    serve: (path) =>
      Bun.serve({
        unix: path,
        fetch: (request, server) => {
          // A component that is started again may need longer than what is otherwise a connection that nobody uses.
          if (request.method === "PUT") server.timeout(request, 240);
          return answer(request, sources);
        },
        error: (err) => {
          log.error("Status request failed", { err });
          return Response.json({ error: err.message }, { status: 500 });
        },
      }),
  });
}

async function answer(request: Request, sources: StatusSources): Promise<Response> {
  const url = new URL(request.url);
  if (request.method === "PUT" && url.pathname === logLevelPath && sources.logLevels !== undefined)
    return Response.json(await changeLogLevel(sources.logLevels, await request.json(), request.signal));
  if (request.method === "PUT" && url.pathname === configurationPath && sources.configuration !== undefined)
    return Response.json(await sources.configuration((await request.json()) as ConfigRequest));
  if (request.method !== "GET") return new Response("method not allowed\n", { status: 405 });
  if (url.pathname === configurationPath && sources.configuration !== undefined)
    return Response.json(await sources.configuration("object"));
  if (url.pathname === "/status") return Response.json(await statusReport(sources, request.signal));
  if (url.pathname === "/tunnels")
    return Response.json({
      tunnels: (await within(tunnelTimeoutMs, request.signal, (abort) => sources.tunnels?.(abort))) ?? [],
    });
  if (url.pathname !== "/components") return new Response("404 page not found\n", { status: 404 });
  const maxCount = Number(url.searchParams.get("maxCount") ?? "5");
  return Response.json(
    sources.prober?.report(Number.isInteger(maxCount) ? maxCount : 5) ?? { healthProbes: {}, events: {} },
  );
}

export async function statusReport(sources: StatusSources, signal: AbortSignal): Promise<StatusReport> {
  const [tunnels, charts] = await Promise.all([
    within(statusTimeoutMs, signal, (abort) => sources.tunnels?.(abort)),
    within(statusTimeoutMs, signal, (abort) => sources.charts?.(abort)),
  ]);
  const { observer } = sources;
  const problems = problemsOf(sources, tunnels ?? []);
  const service = await sources.service?.();
  const readiness = observer.readiness();
  return {
    Version: sources.version,
    Pid: process.pid,
    PPid: 0,
    Role: sources.role,
    SysInit: service?.platform ?? "",
    StubFile: service?.definition ?? "",
    Output: "",
    Workloads: sources.workloads,
    SingleNode: sources.singleNode,
    Args: shownArguments([process.argv0, ...process.argv.slice(2)]),
    WorkerToAPIConnectionStatus: connectionStatus(sources),
    ClusterConfig: sources.clusterConfig(),
    K0sVars: sources.k0sVars,
    StartedAt: sources.startedAt.toISOString(),
    Healthy: problems.length === 0,
    Problems: problems,
    ...(readiness === undefined
      ? {}
      : { Cluster: { Ready: readiness.ready, WaitingFor: readiness.waitingFor } }),
    Components: sources.componentStatuses().map(componentReport),
    Details: observer.details(),
    ...(tunnels === undefined ? {} : { Tunnels: tunnels }),
    ...(charts === undefined ? {} : { Charts: charts }),
  };
}

const watchRemedy = "restart k0s, and report what its log says";

/** The causes first: what is wrong with the host, then what runs on it, then what that leads to. */
function problemsOf(sources: StatusSources, tunnels: readonly NodeTunnel[]): string[] {
  const { observer, workloads } = sources;
  const unwatched = sources.prober?.failure() ?? null;
  const api = workloads ? observer.apiFailure() : null;
  const cluster = observer.clusterProblems();
  const found: readonly Problem[] = [
    ...(sources.troubles?.() ?? []),
    ...(unwatched === null
      ? []
      : [{ text: `k0s does not watch its components: ${unwatched}`, remedy: watchRemedy }]),
    ...observer.hostProblems(),
    ...cluster.filter(({ endsProcesses }) => endsProcesses === true),
    ...componentProblems(sources.componentStatuses(), new Date()),
    ...(typeof api === "string" ? [{ text: `the API server does not answer this node: ${api}` }] : []),
    ...cluster.filter(({ endsProcesses }) => endsProcesses !== true),
    ...atMostFive(tunnelProblems(tunnels)).map((text) => ({ text })),
  ];
  return found.map(problemText);
}

/** Undefined where there are none, and where nobody can tell because the API server does not answer. */
async function within<T>(
  timeoutMs: number,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T> | undefined,
): Promise<T | undefined> {
  const abort = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const asked = ask(abort);
    return asked === undefined ? undefined : await unlessAborted(asked, abort);
  } catch {
    // Its own component says that the API server does not answer.
    return undefined;
  }
}

function connectionStatus({ workloads, observer }: StatusSources): { Message: string; Success: boolean } {
  if (!workloads) return { Message: "", Success: false };
  const failure = observer.apiFailure();
  return { Message: failure ?? "", Success: failure === null };
}

/** A controller whose port is closed has one problem, not one for every node. */
function atMostFive(problems: readonly string[]): readonly string[] {
  if (problems.length <= 5) return problems;
  return [...problems.slice(0, 5), `${problems.length - 5} more nodes have no tunnel to every controller`];
}
