// What a worker on Windows runs, as one visible list. Upstream: cmd/worker/worker.go.

import type { NodeIo, WorkerOptions } from "../../components/node-options.ts";
import { workerConfigDeclaration } from "../../components/worker-config/declaration.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { Payload } from "../../payload/payload.ts";
import { k0sVersion } from "../../product/versions.ts";
import { ComponentGroup } from "../../supervisor/group.ts";
import type { ProcessSystem } from "../../supervisor/process-options.ts";
import { selfObservation } from "../self-observation.ts";
import { joinedNode, workerReadyTimeoutMs } from "../worker/joined-node.ts";
import { windowsPods } from "./pods.ts";
import { componentStates, statusPipeServer } from "./status-pipe.ts";

export interface WindowsWorkerInput {
  readonly options: WorkerOptions;
  readonly io: NodeIo;
  readonly name: string;
  readonly payload: Payload;
  readonly system: ProcessSystem;
}

export interface RunningWindowsWorker {
  readonly group: ComponentGroup;
  readonly client: () => Promise<KubeClient>;
}

export function windowsWorker(input: WindowsWorkerInput): RunningWindowsWorker {
  const { options, io, name, payload, system } = input;
  const { log, progress } = io;
  const joined = joinedNode(input);
  const { join, waiting } = joined;
  const host = { ...options, name, payload, log, progress, system, self: [] };
  const pods = windowsPods(host, {
    ...joined.podParts,
    credentialsFrom: [workerConfigDeclaration],
  });
  const observation = selfObservation(options, log, () => group);
  const startedAt = new Date().toISOString();
  const group: ComponentGroup = new ComponentGroup({
    name: "worker",
    components: [
      statusPipeServer(options.paths.statusSocket, () => {
        const problem = waiting.reason?.message;
        return {
          version: k0sVersion,
          pid: process.pid,
          node: name,
          startedAt,
          ...(problem === undefined ? {} : { problem }),
          components: componentStates(group.statuses()),
        };
      }),
      ...observation.components,
      join,
      joined.balancing,
      joined.following({ onMoved: () => undefined, onRerouted: () => pods.reconnect() }),
      ...pods.components,
    ],
    log,
    readyTimeoutMs: workerReadyTimeoutMs,
  });
  for (const reader of observation.readers) group.events.read(reader);
  return { group, client: joined.client };
}
