// The life cycle that every part of a node implements. Upstream: pkg/component/manager/component.go.
//
//   ┌─────────┐ init  ┌─────────────┐ start  ┌─────────┐ ready  ┌───────┐  stop  ┌─────────┐
//   │ created ├──────►│ initialized ├───────►│ running ├───────►│ ready ├───────►│ stopped │
//   └─────────┘       └─────────────┘        └─────────┘        └──┬─▲──┘        └─────────┘
//                                                   ▲                └─┘ reconcile
//                                                   │ runs, is asked  │ its process ends by itself
//                                                   └── backing-off ◄─┘ and ready again once its check passes

import type { ClusterConfig } from "../config/cluster-config.ts";
import type { LogLevelChange } from "./log-level.ts";
import type { Preview } from "./preview.ts";

export interface Component {
  /** Unique in its group; upstream's process name where there is one, e.g. `kube-apiserver`. */
  readonly name: string;
  /** What must be ready before `start` is called. */
  readonly dependsOn?: readonly Dependency[];
  /** Prepares files, users and directories. All components of a group initialise concurrently. */
  init?(signal: AbortSignal): Promise<void>;
  /** Starts the work and returns as soon as it runs; it does not wait for readiness. */
  start(signal: AbortSignal): Promise<void>;
  /** Resolves once others can rely on the component; absent: ready as soon as started. */
  ready?(signal: AbortSignal): Promise<void>;
  /** Throws when it does not do its work; asked now and then while it is ready. */
  health?(signal: AbortSignal): Promise<void>;
  /** Adopts a changed cluster configuration, also before its start; called in order, one at a time. */
  reconcile?(config: ClusterConfig, signal: AbortSignal): Promise<void>;
  /** What `reconcile` would do; undefined: nothing. Changes nothing. */
  preview?(config: ClusterConfig): Promise<Preview | undefined>;
  /** Begins the work again with what its files say now, e.g. a renewed certificate; resolves when it runs again. */
  restart?(): Promise<void>;
  /**
   * Changes what of its output is logged, at once, and what its process is started with; false if that takes no such level,
   * undefined while there is no process yet.
   */
  setLogLevel?(change: LogLevelChange): boolean | undefined;
  /** Ends the work. Called once, in reverse order of readiness, also after a failed start. */
  stop(): Promise<void>;
  /** What it is doing right now, for status and error reports; `process.inspect()` where there is a process. */
  inspect?(): ComponentDetails;
  /** Sets the listener that is told what happens to its process and what it waits for. Called once, before `start`. */
  observe?(listener: ComponentListener): void;
}

/** What can be waited for, by reference, so that a name that is misspelt does not compile: a declaration, or a component. */
export interface Dependency {
  readonly name: string;
  /** That of its component, where it is another one. */
  readonly runningName?: string;
}

/** What happens to the process of a component after its first start. */
export type ProcessEvent =
  /** By itself, or it could not be started again; it will be tried (again) at `retryAt`. */
  | { readonly kind: "ended"; readonly how: string; readonly retryAt: Date }
  /** k0s ends it and starts it again. */
  | { readonly kind: "restarting" }
  | { readonly kind: "started"; readonly pid: number };

/** Another reason for waiting; without `text` it is over. */
export interface WaitingEvent {
  readonly kind: "waiting";
  readonly text: string | undefined;
}

export type ComponentListener = (event: ProcessEvent | WaitingEvent) => void;

export interface ComponentDetails {
  readonly pid?: number;
  /** How often a supervised process was started again. */
  readonly restarts?: number;
  /** How the process ended last, e.g. `exited with code 1`. */
  readonly lastExit?: string;
  /** When it is started again; present while it does not run because it ended by itself. */
  readonly retryAt?: Date;
  /** The last lines that it printed, oldest first. */
  readonly lastOutput?: readonly string[];
  /** The last lines of the process that ended last, without those of the next one; absent as long as none has ended. */
  readonly lastWords?: readonly string[];
  /** What is wrong with it though it works, e.g. that its pid file cannot be written. */
  readonly complaint?: string;
  /** When that was first found. */
  readonly complaintSince?: Date;
  /** What its readiness depends on, e.g. `https://localhost:6443/readyz`. */
  readonly waitingFor?: string;
  /** Why that is not so yet, e.g. `connection refused`. */
  readonly waitingBecause?: string;
}

export type ComponentState =
  | "created"
  | "initialized"
  | "starting"
  | "running"
  | "ready"
  /** It was ready and its process runs, but its health check fails, or it ends so often that being ready means little. */
  | "unhealthy"
  /** Its process ended by itself and has not got ready since: it is started again and again, with pauses. */
  | "backing-off"
  | "stopping"
  | "stopped"
  | "failed";

export interface ComponentStatus {
  readonly name: string;
  readonly state: ComponentState;
  /** When `state` was entered. */
  readonly since: Date;
  /** How often a supervised process was started again. */
  readonly restarts: number;
  readonly pid?: number;
  /** Why it is not well: what failed, how its process ended, what its health check says. Absent while it is ready. */
  readonly lastError?: string;
  /** `7 times in the last 3 minutes`: it is ready for the moment, but its process ended that often; then it is unhealthy. */
  readonly restartsOften?: string;
  /** What it waits for until it is ready: components that are not, or its own readiness check. */
  readonly waitingFor?: string;
  /** Since when it is not ready any more, across the restarts of its process; absent unless it was ready before. */
  readonly downSince?: Date;
  /** Its process ended, and the next one has run for longer than it should need to get ready; the words are that one's. */
  readonly notRecovered?: true;
  /** How its process ended last, e.g. `exited with code 1`; kept when it is ready again. */
  readonly lastExit?: string;
  /** The important ones of the last lines that its process printed, oldest first; absent while it is ready. */
  readonly lastOutput?: readonly string[];
  /** When its process is started again; absent while one runs. */
  readonly retryAt?: Date;
}
