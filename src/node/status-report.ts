// What the status API says: upstream's fields under their Go names, ours beside them. Reference §15.3.

import type { NodeTunnel } from "../controller/tunnel-report.ts";
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
  /** What is wrong, most important first; empty when healthy. */
  readonly Problems: readonly string[];
  readonly Components: readonly ComponentReport[];
  /** Per node, to which controllers its konnectivity tunnel is up; absent where there are none. */
  readonly Tunnels?: readonly NodeTunnel[];
  /** Further facts for a person, e.g. `Datastore` → `kine / SQLite, 12.4 MB`. */
  readonly Details: Readonly<Record<string, string>>;
}

export function componentReport(status: ComponentStatus): ComponentReport {
  const { name, state, since, restarts, pid, lastError, waitingFor } = status;
  return {
    name,
    state,
    since: since.toISOString(),
    restarts,
    ...(pid === undefined ? {} : { pid }),
    ...(lastError === undefined ? {} : { lastError }),
    ...(waitingFor === undefined ? {} : { waitingFor }),
  };
}

/** One sentence for everything that is not as it should be. */
export function findProblems(
  components: readonly ComponentReport[],
  connection: { Message: string; Success: boolean } | undefined,
): string[] {
  const problems = components
    .filter(({ state, waitingFor }) => state !== "ready" && (state !== "running" || waitingFor !== undefined))
    .map(({ name, state, lastError, waitingFor }) => {
      if (lastError !== undefined) return `${name} is ${state}: ${lastError}`;
      return waitingFor === undefined ? `${name} is ${state}` : `${name} waits for ${waitingFor}`;
    });
  if (connection !== undefined && !connection.Success) {
    problems.push(`the API server does not answer this node: ${connection.Message}`);
  }
  return problems;
}
