// What a node would run: the lists of its parts are made as for a start, and where one would make a process, its options are
// taken down instead. Nothing is started, and what a start would find out about the host is given.

import { spyOn } from "bun:test";
import type { ClusterConfig } from "../../../config/cluster-config.ts";
import type { RuntimeClaim } from "../../../config/runtime-config.ts";
import { isSingleController } from "../../../components/controller-facts.ts";
import * as containerds from "../../../components/containerd/component.ts";
import * as joins from "../../../components/controller-join/session.ts";
import * as kubelets from "../../../components/kubelet/component.ts";
import * as routing from "../../../components/kubelet/node-address.ts";
import * as kubeProxies from "../../../components/kube-proxy/component.ts";
import { workerConfigData } from "../../../components/worker-config/manifest.ts";
import { parseWorkerSettings } from "../../../components/worker-config/schema.ts";
import * as holders from "../../../components/worker-config/settings-holder.ts";
import * as workerJoins from "../../../components/worker-join/component.ts";
import type { ControllerParts } from "../../../roles/controller.ts";
import { controlPlaneUsers, type ControlPlaneUsers } from "../../../host/system-users.ts";
import { alwaysLeader } from "../../../kube/lease.ts";
import { controllerComponents } from "../../../node/controller/make-components.ts";
import { runtimeAccess } from "../../../components/containerd/runtime-access.ts";
import { embeddedWorkerComponents } from "../../../node/controller/embedded-worker.ts";
import { controllerParts, plannedController } from "../../../node/controller/facts.ts";
import { nodeName } from "../../../node/name.ts";
import { generateKeyPem } from "../../../pki/keys.ts";
import type { ControllerOptions, WorkerOptions } from "../../../components/node-options.ts";
import { workerNode } from "../../../node/worker/components.ts";
import * as addresses from "../../../os/addresses.ts";
import type { Payload } from "../../../payload/payload.ts";
import { joinHostPort } from "../../../std/ip.ts";
import { silentLogger } from "../../../std/logfmt.ts";
import { silentProgress } from "../../../std/progress.ts";
import type { Component, Dependency } from "../../../supervisor/component.ts";
import * as deferring from "../../../supervisor/deferred-component.ts";
import * as groups from "../../../supervisor/group.ts";
import * as processing from "../../../supervisor/process-component.ts";
import type { SupervisedProcessOptions } from "../../../supervisor/process-options.ts";
import type { HostFacts } from "./process-cases.ts";
import { anchor } from "../../../std/testdata/anchors.ts";

export interface NodeStart {
  readonly options: WorkerOptions;
  /** The same options, if it is a controller. */
  readonly controller: ControllerOptions | undefined;
  /** Of a worker: that of its cluster. */
  readonly config: ClusterConfig;
  readonly host: HostFacts;
}

export interface MadeNode extends NodeStart {
  readonly name: string;
  readonly components: readonly Component[];
  /** By name, in the order in which they are made. */
  readonly processes: ReadonlyMap<string, SupervisedProcessOptions>;
  readonly singleController: boolean;
  /** What its processes write their configuration files from. */
  readonly kubelet: kubelets.KubeletOptions | undefined;
  readonly kubeProxy: kubeProxies.KubeProxyOptions | undefined;
  readonly containerd: containerds.ContainerdOptions | undefined;
}

/** Of the control plane, with numbers as good as any. */
export const systemUsers: ControlPlaneUsers = new Map(
  controlPlaneUsers.map((name, index) => [name, { uid: 900 + index, gid: 900 + index }]),
);

const io = { log: silentLogger(), progress: silentProgress, signal: new AbortController().signal };
const claim = { invocationId: "invocation" } as RuntimeClaim;
const payload = {} as Payload;
// As they are without the spies.
const { joinSession } = joins;
const { settingsHolder } = holders;
const { ComponentGroup } = groups;

export async function madeNode(start: NodeStart): Promise<MadeNode> {
  const { controller, config, host } = start;
  const processes = new Map<string, SupervisedProcessOptions>();
  const deferred: deferring.DeferredOptions[] = [];
  using process = spyOn(processing, "processComponent");
  process.mockImplementation((options) => {
    processes.set(options.process.name, options.process);
    return { ...idle(options.process.name, options.dependsOn), restart: () => Promise.resolve() };
  });
  using later = spyOn(deferring, "deferredComponent");
  later.mockImplementation((options) => {
    deferred.push(options);
    return idle(options.name, options.dependsOn);
  });
  using own = spyOn(addresses, "hostAddresses");
  own.mockReturnValue([...interfaceOf("eth0", "10"), ...interfaceOf("eth1", "20")]);
  using towards = spyOn(routing, "addressTowards");
  towards.mockResolvedValue(host.workerAddress);
  using session = spyOn(joins, "joinSession");
  session.mockImplementation((options) => ({
    ...joinSession(options),
    initialCluster: () => host.etcdMembers,
  }));
  using kubelet = spyOn(kubelets, "kubelet");
  using kubeProxy = spyOn(kubeProxies, "kubeProxy");
  using containerd = spyOn(containerds, "containerd");

  const components = controller === undefined ? await workerComponentsOf(start) : await controllerComponentsOf(start, controller);
  // It is told at its start what it has learned by joining.
  await components.find(({ name }) => name === "etcd")?.start(io.signal);
  for (const { name, make } of deferred) if (name !== "host-routes") await make(io.signal);
  return {
    ...start,
    name: nameOf(start.options),
    components,
    processes,
    singleController: controller !== undefined && isSingleController(controller, config),
    kubelet: kubelet.mock.lastCall?.[1],
    kubeProxy: kubeProxy.mock.lastCall?.[1],
    containerd: containerd.mock.lastCall?.[1],
  };
}

/** The facts of a controller that has no API yet. */
export function factsOf(config: ClusterConfig, options: ControllerOptions): ControllerParts {
  const client = (): Promise<never> => Promise.reject(new Error("there is no API"));
  const planned = plannedController(options, config);
  return controllerParts(
    { planned, io, name: nameOf(options), payload, keys: generateKeyPem, claim },
    {
      self: ["k0s"],
      users: systemUsers,
      addresses: () => Promise.resolve([]),
      client,
      leaseClient: client,
      sinceAnswerMs: () => Number.POSITIVE_INFINITY,
      holder: { identity: claim.invocationId },
      leader: alwaysLeader(),
    },
  );
}

async function controllerComponentsOf(
  { config }: NodeStart,
  options: ControllerOptions,
): Promise<readonly Component[]> {
  const node = factsOf(config, options);
  const worker = options.enableWorker ? await embeddedWorkerComponents(node, runtimeAccess(node.paths.containerdSocket)) : [];
  return [...(await controllerComponents(node)), ...worker];
}

async function workerComponentsOf({ options, config, host }: NodeStart): Promise<readonly Component[]> {
  const server = joinHostPort(host.address, 6443);
  const data = workerConfigData(
    { config, apiServers: [server], konnectivity: true, autopilot: false },
    options.profile,
  );
  using settings = spyOn(holders, "settingsHolder");
  settings.mockReturnValue(settingsHolder(parseWorkerSettings(data ?? {}, options.profile)));
  using join = spyOn(workerJoins, "joinCluster");
  join.mockReturnValue({ ...idle("join"), cluster: () => ({ server: `https://${server}`, ca: anchor }) });
  let components: readonly Component[] = [];
  using group = spyOn(groups, "ComponentGroup");
  group.mockImplementation(((made: ConstructorParameters<typeof groups.ComponentGroup>[0]) => {
    ({ components } = made);
    return new ComponentGroup(made);
  }) as never);
  await workerNode({ options, io, payload, name: nameOf(options), k0sVars: {} });
  return components;
}

function idle(name: string, dependsOn?: readonly Dependency[]): Component {
  const done = (): Promise<void> => Promise.resolve();
  return { name, ...(dependsOn === undefined ? {} : { dependsOn }), start: done, stop: done };
}

function nameOf({ kubeletExtraArgs }: WorkerOptions): string {
  return nodeName("node-1", kubeletExtraArgs["hostname-override"]);
}

function interfaceOf(name: string, host: string): addresses.HostAddress[] {
  const common = { interface: name, loopback: false, hardwareAddress: "" };
  return [
    { ...common, address: `192.0.2.${host}`, family: 4 },
    { ...common, address: `2001:db8::${host}`, family: 6 },
  ];
}
