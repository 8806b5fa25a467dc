// What a worker runs, as one visible list, and what its parts share. Upstream: cmd/worker/worker.go.

import { join } from "node:path";
import type { RuntimeVars } from "../../config/runtime-config.ts";
import type { KubeClient } from "../../kube/client.ts";
import { statIfExists } from "../../os/files.ts";
import { selfCommand } from "../../os/self.ts";
import type { Payload } from "../../payload/payload.ts";
import type { Progress, ProgressStep } from "../../std/progress.ts";
import { serviceOfHost } from "../../host/service/installed.ts";
import { k0sVersion } from "../../product/versions.ts";
import type { Component } from "../../supervisor/component.ts";
import type { EventReader } from "../../supervisor/events.ts";
import { ComponentGroup } from "../../supervisor/group.ts";
import type { NodeLocalBalancer } from "../../components/node-local-balancing/balancer.ts";
import type { SettingsHolder } from "../../components/worker-config/settings-holder.ts";
import type { Waiting } from "../../supervisor/waiting.ts";
import { fileFaults } from "../../host/file-faults.ts";
import { type NodeObserver, nodeObserver } from "../../status/observers/node.ts";
import type { NodeIo, WorkerOptions } from "../../components/node-options.ts";
import { type SelfObservation, selfObservation } from "../self-observation.ts";
import { NoCredentialsYet } from "../../status/observers/api.ts";
import { waitingProblems } from "../../status/problems/waiting.ts";
import { createStatusServer } from "../../status/server.ts";
import { type RuntimeAccess, runtimeAccess } from "../../components/containerd/runtime-access.ts";
import { workerComponents } from "../pods/components.ts";
import { freePorts, workerPorts } from "./free-ports.ts";
import { joinedNode, workerReadyTimeoutMs } from "./joined-node.ts";
import { workerConfigDeclaration } from "../../components/worker-config/declaration.ts";

export interface WorkerInput {
  readonly options: WorkerOptions;
  readonly io: NodeIo;
  readonly name: string;
  readonly payload: Payload;
  /** Where everything lies, for `k0s status`. */
  readonly k0sVars: RuntimeVars;
}

export interface RunningWorker {
  readonly name: string;
  readonly group: ComponentGroup;
  readonly observer: NodeObserver;
}

export async function workerNode(input: WorkerInput): Promise<RunningWorker> {
  const { options, io, name } = input;
  const { log, progress } = io;
  const joined = joinedNode(input);
  const { waiting, settings, join, balancer, client } = joined;
  const host = { ...options, name, payload: input.payload, log, progress, self: selfCommand() };
  const runtime = runtimeAccess(options.criSocket ?? options.paths.containerdSocket);
  const pods = await workerComponents(host, {
    ...joined.podParts,
    programsAfter: [],
    credentialsFrom: [workerConfigDeclaration, workerPorts],
    rightsFrom: [],
    runsKubeProxy: true,
    runtime,
  });
  const observation = selfObservation(options, log, () => group);
  const startedAt = new Date();
  const observer = workerObserver(input, { startedAt, balancer, settings, client, runtime });
  const list: readonly Component[] = [
    statusServer(input, { startedAt, waiting, observer, observation, group: () => group }),
    observer,
    ...observation.components,
    join,
    joined.balancing,
    joined.following({
      // It has begun already, by the server that the node joined by, which may be gone for good.
      onMoved: () => observer.reconnect(),
      onRerouted: () => pods.reconnect(),
    }),
    freePorts({ options, settings, waiting, dependsOn: [workerConfigDeclaration] }),
    ...pods.components,
  ];
  const group: ComponentGroup = new ComponentGroup({
    name: "worker",
    components: list,
    log,
    readyTimeoutMs: workerReadyTimeoutMs,
  });
  for (const reader of [...observation.readers, phaseTeller(progress)]) group.events.read(reader);
  return { name, group, observer };
}

interface StatusParts {
  readonly startedAt: Date;
  readonly waiting: Waiting;
  readonly observer: NodeObserver;
  readonly observation: SelfObservation;
  readonly group: () => ComponentGroup;
}

function statusServer({ options, io, k0sVars }: WorkerInput, parts: StatusParts): Component {
  return createStatusServer({
    socketPath: options.paths.statusSocket,
    runDir: options.paths.runDir,
    log: io.log,
    sources: {
      version: k0sVersion,
      role: "worker",
      workloads: true,
      singleNode: false,
      startedAt: parts.startedAt,
      k0sVars,
      service: serviceOfHost,
      clusterConfig: () => null,
      componentStatuses: () => parts.group().statuses(),
      logLevels: {
        set: (component, change) => parts.group().setLogLevel(component, change),
        restart: (component, signal) => parts.group().restart(component, signal),
      },
      observer: parts.observer,
      prober: parts.observation.prober,
      troubles: () => waitingProblems(parts.waiting.reason),
    },
  });
}

interface ObserverParts {
  readonly startedAt: Date;
  readonly balancer: NodeLocalBalancer;
  readonly settings: SettingsHolder;
  readonly client: () => Promise<KubeClient>;
  readonly runtime: RuntimeAccess;
}

function workerObserver({ options, io, name }: WorkerInput, parts: ObserverParts): NodeObserver {
  const { paths } = options;
  return nodeObserver({
    log: io.log,
    client: async () => {
      if ((await statIfExists(paths.kubeletKubeconfig)) === undefined)
        throw new NoCredentialsYet("this node has not joined a cluster yet");
      return parts.client();
    },
    startedAt: parts.startedAt,
    node: { name, runtime: parts.runtime },
    host: {
      directories: [paths.dataDir, paths.runDir, paths.kubeletRootDir, paths.containerdRootDir],
      // Kubelet's own are all that a worker has.
      certificates: [],
      kubeletPkiDir: join(paths.kubeletRootDir, "pki"),
      fileFaults: () => fileFaults({ paths, controller: false, pods: true, certificates: [] }),
    },
    networkProvider: () => parts.settings.peek()?.networkProvider,
    remoteApi: true,
    liveDetails: () => {
      const endpoints = parts.balancer.describe();
      return {
        "Worker profile": options.profile,
        ...(endpoints === undefined ? {} : { "API servers": endpoints }),
      };
    },
  });
}

/** What people are told of the start; joining tells its own story. */
const phases = new Map([
  ["worker-settings", "settings of the node known"],
  ["containerd", "container runtime ready"],
  ["images", "images imported"],
  ["kubelet", "kubelet ready"],
]);

function phaseTeller(progress: Progress): EventReader {
  const steps = new Map<string, ProgressStep>();
  return (event) => {
    if (event.kind !== "state") return;
    const { name, state, lastError } = event.status;
    const phase = phases.get(name);
    if (phase === undefined) return;
    if (state === "starting") steps.set(name, progress.step(phase));
    if (state === "ready") steps.get(name)?.done();
    if (state === "failed") steps.get(name)?.fail(lastError ?? "it failed");
  };
}
