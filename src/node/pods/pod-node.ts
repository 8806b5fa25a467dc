// What a node with pods has in common, whatever its system: the facts that its components get, and its processes that start again
// when the settings of the cluster change.

import type { WorkerNode } from "../../components/node-facts.ts";
import { workerNoProxy } from "../../components/worker-config/no-proxy.ts";
import { hostAddresses } from "../../os/addresses.ts";
import { errorMessage } from "../../std/errors.ts";
import type { Logger } from "../../std/log.ts";
import type { ProcessComponent } from "../../supervisor/process-component.ts";
import type { PodHost, PodParts } from "./parts.ts";

/** `env`: of its programs. */
export function podNode(
  host: PodHost,
  { settings, apiHosts }: Pick<PodParts, "settings" | "apiHosts">,
  env: WorkerNode["env"],
): WorkerNode {
  return Object.freeze({
    ...host,
    ...(host.debug ? { outputLevel: "debug" as const } : {}),
    noProxy: () =>
      workerNoProxy({
        settings: settings.current(),
        apiHosts: apiHosts(),
        hostAddresses: hostAddresses().map(({ address }) => address),
        nodeName: host.name,
      }),
    env,
  });
}

export interface KeptProcesses {
  /** Keeps it, and returns it. */
  readonly kept: (process: ProcessComponent) => ProcessComponent;
  /** Nothing happens if there is none of this name. What fails is logged. */
  readonly restart: (name: string) => Promise<void>;
}

export function keptProcesses(log: Logger): KeptProcesses {
  const processes = new Map<string, ProcessComponent>();
  return {
    kept: (process) => {
      processes.set(process.name, process);
      return process;
    },
    restart: async (name) => {
      try {
        await processes.get(name)?.restart();
      } catch (err) {
        log.error("Cannot start a process with its new settings", {
          component: name,
          err: errorMessage(err),
        });
      }
    },
  };
}
