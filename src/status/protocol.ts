// What the status API says: upstream's fields under their Go names, ours beside them.
// Upstream: pkg/component/status/status.go.

import type { KnownChart } from "../components/helm-extensions/known-charts.ts";
import type { NodeTunnel } from "../components/konnectivity/tunnels/report.ts";
import type { ComponentState, ComponentStatus } from "../supervisor/component.ts";

/** One supervised process or in-process part, as JSON. */
export interface ComponentReport {
  readonly name: string;
  readonly state: ComponentState;
  /** RFC 3339. */
  readonly since: string;
  readonly restarts: number;
  readonly pid?: number;
  readonly lastError?: string;
  readonly waitingFor?: string;
  /** How its process ended last. */
  readonly lastExit?: string;
  /** The important ones of the last lines that it printed. */
  readonly lastOutput?: readonly string[];
  /** When its process is started again, RFC 3339. */
  readonly retryAt?: string;
  /** `7 times in the last 3 minutes`: its process ends that often, though it gets ready in between. */
  readonly restartsOften?: string;
  /** Its process ended, and the next one has run for longer than it should need to get ready. */
  readonly notRecovered?: true;
}

export interface StatusReport {
  readonly Version: string;
  readonly Pid: number;
  readonly PPid: number;
  readonly Role: "controller" | "worker";
  readonly SysInit: string;
  readonly StubFile: string;
  readonly Output: string;
  readonly Workloads: boolean;
  readonly SingleNode: boolean;
  readonly Args: readonly string[];
  readonly WorkerToAPIConnectionStatus: { readonly Message: string; readonly Success: boolean };
  readonly ClusterConfig: unknown;
  readonly K0sVars: unknown;
  // Ours.
  /** When this k0s started, RFC 3339. */
  readonly StartedAt: string;
  readonly Healthy: boolean;
  /** What is wrong, a sentence each with what to do about it, most important first; empty when healthy. */
  readonly Problems: readonly string[];
  /** Whether the cluster can be used, as far as this node sees it; absent until the API has been read. */
  readonly Cluster?: {
    readonly Ready: boolean;
    /** Empty when ready. */
    readonly WaitingFor: readonly string[];
  };
  readonly Components: readonly ComponentReport[];
  /** Per node, to which controllers its konnectivity tunnel is up; absent where there are none. */
  readonly Tunnels?: readonly NodeTunnel[];
  /** Helm charts of the cluster, on controllers; absent where the API server has not told of them. */
  readonly Charts?: readonly KnownChart[];
  /** Further facts for a person, e.g. `Datastore` → `kine / SQLite, 12.4 MB`. */
  readonly Details: Readonly<Record<string, string>>;
}

export function componentReport(status: ComponentStatus): ComponentReport {
  const { name, state, since, restarts, pid, lastError, waitingFor, lastExit, lastOutput, retryAt } = status;
  const { restartsOften, notRecovered } = status;
  return {
    name,
    state,
    since: since.toISOString(),
    restarts,
    ...(pid === undefined ? {} : { pid }),
    ...(lastError === undefined ? {} : { lastError }),
    ...(waitingFor === undefined ? {} : { waitingFor }),
    ...(lastExit === undefined ? {} : { lastExit }),
    ...(lastOutput === undefined ? {} : { lastOutput }),
    ...(retryAt === undefined ? {} : { retryAt: retryAt.toISOString() }),
    ...(restartsOften === undefined ? {} : { restartsOften }),
    ...(notRecovered === undefined ? {} : { notRecovered }),
  };
}

/** The other way round, for one who judges a report as the node itself does. */
export function componentStatus({ since, retryAt, ...report }: ComponentReport): ComponentStatus {
  return {
    ...report,
    since: new Date(since),
    ...(retryAt === undefined ? {} : { retryAt: new Date(retryAt) }),
  };
}
