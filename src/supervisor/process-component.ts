// A component that is one supervised process with a readiness check: the shape of most parts of a node.

import type { ClusterConfig } from "../config/cluster-config.ts";
import { errorMessage, UserError } from "../std/errors.ts";
import { pollUntil } from "../std/wait.ts";
import type { Component, Dependency } from "./component.ts";
import { flagDifference } from "./preview.ts";
import { createWaiting, type Waiting } from "./waiting.ts";
import type { RestartOptions } from "./process-options.ts";
import { SupervisedProcess, type SupervisedProcessOptions } from "./process.ts";

export interface ReadinessProbe {
  /** What it depends on, in words or as an address, e.g. `https://localhost:6443/readyz`. */
  readonly what: string;
  readonly intervalMs?: number;
  /** True once others can rely on the process; an error counts as "not yet", a UserError as "never". */
  probe(signal: AbortSignal): Promise<boolean>;
}

export interface ProcessComponentOptions {
  readonly process: SupervisedProcessOptions;
  readonly dependsOn?: readonly Dependency[];
  readonly init?: (signal: AbortSignal) => Promise<void>;
  readonly readiness?: ReadinessProbe;
  /** New arguments for a changed configuration; the process restarts when they differ. */
  readonly argsFor?: (config: ClusterConfig) => readonly string[];
}

export interface ProcessComponent extends Component {
  /**
   * Ends the process and starts it at once, with other arguments if given; before the start only the arguments are kept.
   */
  restart(args?: readonly string[], options?: RestartOptions): Promise<void>;
}

export function processComponent(options: ProcessComponentOptions): ProcessComponent {
  const { readiness, argsFor, init } = options;
  const process = new SupervisedProcess(options.process);
  let args = options.process.args;
  const waiting = createWaiting(readiness === undefined ? {} : { what: readiness.what });
  return {
    name: process.name,
    ...(options.dependsOn === undefined ? {} : { dependsOn: options.dependsOn }),
    ...(init === undefined ? {} : { init }),
    start: (signal) => process.start(signal),
    ...(readiness === undefined
      ? {}
      : {
          ready: (signal) => waitReady(readiness, signal, waiting),
          health: async (signal) => {
            if (!(await readiness.probe(signal))) throw new Error(`no good answer from ${readiness.what}`);
            // One that was given up gets ready by this, with nobody waiting any more.
            waiting.over();
          },
        }),
    ...(argsFor === undefined
      ? {}
      : {
          reconcile: async (config: ClusterConfig) => {
            const wanted = argsFor(config);
            if (Bun.deepEquals(wanted, args)) return;
            args = wanted;
            await process.restart(wanted);
          },
          preview: async (config: ClusterConfig) => {
            const flags = flagDifference(args, argsFor(config));
            return flags === undefined ? undefined : { flags };
          },
        }),
    restart: async (wanted = args, restarting) => {
      args = wanted;
      await process.restart(wanted, restarting);
    },
    setLogLevel: (change) => process.setLogLevel(change),
    stop: () => process.stop(),
    observe: (listener) => {
      process.observe(listener);
      waiting.observe(listener);
    },
    inspect: () => ({
      ...waiting.inspect(),
      // A process that does not end is told first, before what the next one would wait for.
      ...process.inspect(),
    }),
  };
}

/** Polls until ready; the group gives up, since it sees how often the process ended meanwhile. */
async function waitReady(readiness: ReadinessProbe, signal: AbortSignal, waiting: Waiting): Promise<void> {
  const attempt = async (abort: AbortSignal): Promise<boolean> => {
    try {
      return await readiness.probe(abort);
    } catch (err) {
      waiting.because({ message: errorMessage(err) });
      throw err;
    }
  };
  const { what, intervalMs = 100 } = readiness;
  await pollUntil(attempt, { what, intervalMs, signal, fatal: (err) => err instanceof UserError });
  waiting.over();
}
