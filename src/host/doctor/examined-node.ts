// What is known of a node before its links are looked at, whether it runs or not: who it is, how it was configured, whether a
// k0s answers.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import type { WorkerSettings } from "../../components/worker-config/schema.ts";
import type { NodePaths } from "../../product/paths.ts";
import type { StatusReport } from "../../status/protocol.ts";
import type { ProbeReport } from "../sysinfo/probe.ts";

export type RunningK0s =
  | { readonly state: "answers"; readonly pid: number; readonly report: StatusReport }
  /** It runs, and does not answer. */
  | {
      readonly state: "silent";
      readonly pid: number;
      /** Of the process, as the kernel names states. */
      readonly processState: string;
      readonly why: string;
    }
  | { readonly state: "gone" };

/** The service that is to run k0s on this host. */
export interface ExaminedService {
  /** For sentences: `systemd`. */
  readonly manager: string;
  readonly name: string;
  readonly definition: string;
  readonly runs: boolean;
  /** Further words of the manager about its state. */
  readonly says?: string;
}

export interface LogEnd {
  /** For a person: a path, or what it is. */
  readonly name: string;
  /** The last lines that k0s itself wrote, oldest first, without secrets. */
  readonly lines: readonly string[];
}

/** What the checks of a start reject. */
export type Refusal = Pick<ProbeReport, "displayName" | "prop" | "message" | "error" | "why" | "remedy">;

export interface ExaminedNode {
  readonly paths: NodePaths;
  readonly now: Date;
  readonly k0s: RunningK0s;
  /** Undefined where no k0s has been. */
  readonly role: "controller" | "worker" | undefined;
  /** It runs pods. */
  readonly workloads: boolean;
  /** Of a controller, with its secrets: nothing of it is shown. */
  readonly config: ClusterConfig | undefined;
  /** Why there is none. */
  readonly configTrouble?: { readonly what: string; readonly remedy: string };
  /** What a worker was told last. */
  readonly settings: WorkerSettings | undefined;
  readonly service: ExaminedService | undefined;
  /** The end of the log of a k0s that is gone; undefined where none was kept. */
  readonly log: LogEnd | undefined;
  /** What the checks of a start reject, where k0s is gone because of them. */
  readonly refusals?: readonly Refusal[];
  /** That it is registered under; undefined before it has joined. */
  readonly nodeName: string | undefined;
  /** Its controllers reach nodes through tunnels. */
  readonly konnectivity: boolean;
  /** Names that `--disable-components` has left out, as far as a running k0s shows it. */
  readonly disabled: ReadonlySet<string>;
}

/** How to start it again, for remedies. */
export function startCommand({ service, role }: Pick<ExaminedNode, "service" | "role">): string {
  if (service !== undefined) return "`k0s start`";
  return `\`k0s ${role ?? "controller"}\` with the flags that it had`;
}

/** When the k0s that runs has started; undefined where none answers. */
export function startedAt({ k0s }: ExaminedNode): Date | undefined {
  return k0s.state === "answers" ? new Date(k0s.report.StartedAt) : undefined;
}
