// What a controller runs, as one visible list. Each part starts as soon as those it depends on are ready.
// Upstream: cmd/controller/controller.go.

import { controllerRole } from "../../roles/controller.ts";
import { systemStacksOf } from "../../roles/workloads.ts";
import { programsOf } from "../../roles/programs.ts";
import { type Declaration, logLevelOf, runs } from "../../supervisor/declaration.ts";
import type { ControllerFacts } from "../../components/controller-facts.ts";
import {
  endpointReconcilerDeclaration,
  kubeApiserverDeclaration,
} from "../../components/kube-apiserver/declaration.ts";
import { etcdDeclaration } from "../../components/etcd/declaration.ts";
import { konnectivityDeclaration } from "../../components/konnectivity/declaration.ts";
import { applierDeclaration } from "../../deployer/declaration.ts";
import { kubeSchedulerDeclaration } from "../../components/kube-scheduler/declaration.ts";
import { kubeControllerManagerDeclaration } from "../../components/kube-controller-manager/declaration.ts";
import { systemRbacDeclaration } from "../../components/system-rbac/declaration.ts";
import { csrApproverDeclaration } from "../../components/kubelet-certificates/declaration.ts";
import { nodeRoleDeclaration } from "../../components/node-role/declaration.ts";
import { networkDeclaration } from "../../components/network/declaration.ts";
import { corednsDeclaration } from "../../components/coredns/declaration.ts";
import { metricsServerDeclaration } from "../../components/metrics-server/declaration.ts";
import { clusterNoProxy } from "../../config/derived.ts";
import { clusterFactsKeeper, lastingFactsOf } from "../../components/controller-join/cluster-facts.ts";
import { hostAddresses } from "../../os/addresses.ts";
import { corednsComponent } from "../../components/coredns/component.ts";
import { csrApprover } from "../../components/kubelet-certificates/approver.ts";
import { signsWithOwnAuthority } from "../../components/kubelet-certificates/node-names.ts";
import { kubeletServingCaPublisher } from "../../components/kubelet-certificates/serving-ca.ts";
import { konnectivityAgentComponent } from "../../components/konnectivity/agent.ts";
import { konnectivityServer } from "../../components/konnectivity/server.ts";
import { endpointReconciler } from "../../components/kube-apiserver/endpoints.ts";
import { kubeApiserver } from "../../components/kube-apiserver/component.ts";
import { kubeControllerManager } from "../../components/kube-controller-manager/component.ts";
import { kubeScheduler } from "../../components/kube-scheduler/component.ts";
import { metricsServerComponent } from "../../components/metrics-server/component.ts";
import { networkProvider } from "../../components/network/provider.ts";
import { nodeIndex } from "../../deployer/node-index.ts";
import { nodeRoleLabeller, roleHintLabel } from "../../components/node-role/component.ts";
import type { ProcessContext } from "../../components/process-context.ts";
import { processIdentity } from "../../host/system-users.ts";
import { systemRbacComponent } from "../../components/system-rbac/component.ts";
import type { TunnelRegistry } from "../../components/konnectivity/tunnels/registry.ts";
import { workerConfigReconciler } from "../../components/worker-config/publish.ts";
import { createStackDeployer } from "../../deployer/stack-deployer.ts";
import { startStagingBinaries } from "../../payload/stage-binaries.ts";
import { k0sVersion } from "../../product/versions.ts";
import type { Component } from "../../supervisor/component.ts";
import { certificatesComponent } from "./certificates.ts";
import { controlPlaneBalancer } from "./control-plane-balancer.ts";
import type { ControllerNode } from "./facts.ts";
import { clusterMembership } from "./cluster-membership.ts";
import { datastoreOf } from "./datastore.ts";
import { sharedControlPlane } from "./shared-control-plane.ts";
import { stagingComponent } from "../start/staging.ts";

export function controllerComponents(
  node: ControllerNode,
  { tunnels }: { readonly tunnels: TunnelRegistry | undefined },
): readonly Component[] {
  const { config, options, io, client, leader, payload, claim } = node;
  const { paths, logLevels } = options;
  const { log } = io;
  const context: ProcessContext = {
    config,
    paths,
    log,
    user: (name) => processIdentity(node.users, name),
    noProxy: () => [...clusterNoProxy(config), ...hostAddresses().map(({ address }) => address)],
    self: node.self,
    ...(options.debug ? { outputLevel: "debug" as const } : {}),
  };
  const facts: ControllerFacts = { ...options, config };
  const enabled = (declaration: Declaration<ControllerFacts>): boolean => runs(declaration, facts);
  const foreignEndpoints = enabled(endpointReconcilerDeclaration);
  const deployer = createStackDeployer({
    client,
    manifestsDir: paths.manifestsDir,
    systemStacks: systemStacksOf(controllerRole),
    inventoryDir: paths.deployedDir,
    // Clones may have one machine id, but hardly one name; where there is no id, the name has to do.
    machine: `${node.holder.place?.machine ?? ""} ${node.name}`,
    leader,
    log,
  });
  const nodes = nodeIndex({ client, log });
  const addon = { config, stacks: deployer, nodes, log };
  const prepared = ["control-plane-programs", "certificates"];
  const membership = clusterMembership(node);
  const datastore = datastoreOf(context, {
    etcd: {
      memberName: membership.name,
      logLevel: logLevelOf(etcdDeclaration, logLevels),
      ...membership.etcd,
    },
    turns: node.singleController ? undefined : { kube: node.leaseClient, holder: node.holder },
    dependsOn: [...prepared, ...membership.prepared],
  });
  const single = { singleController: node.singleController };

  const stage = (name: string, programs: readonly string[], dependsOn: readonly string[] = []): Component =>
    stagingComponent({
      name,
      dependsOn,
      stage: (signal) =>
        startStagingBinaries(payload, {
          binDir: paths.binDir,
          names: programs,
          signal,
          report: node.io.progress,
        }).done,
    });

  const withoutTunnels = controllerRole.filter((declaration) => declaration !== konnectivityDeclaration);

  return [
    // The ports of the tunnels are not on the way to an API.
    stage("control-plane-programs", programsOf(withoutTunnels, facts)),
    ...membership.components,
    certificatesComponent(node),
    ...datastore.components,
    ...(tunnels !== undefined
      ? [
          stage("tunnel-programs", konnectivityDeclaration.programs, ["control-plane-programs"]),
          konnectivityServer(context, {
            logLevel: logLevelOf(konnectivityDeclaration, logLevels),
            serverId: claim.invocationId,
            dependsOn: ["tunnel-programs", "certificates"],
            tunnels: tunnels.tracker,
            ...single,
          }),
          konnectivityAgentComponent(addon, single),
          tunnels,
        ]
      : []),
    kubeApiserver(context, {
      logLevel: logLevelOf(kubeApiserverDeclaration, logLevels),
      stopTimeoutMs: options.apiServerStopTimeoutMs,
      konnectivity: node.konnectivity,
      foreignEndpoints,
      dependsOn: [...prepared, datastore.name],
      client,
    }),
    clusterFactsKeeper({ dataDir: paths.dataDir, facts: lastingFactsOf(config), client }),
    ...(enabled(kubeSchedulerDeclaration)
      ? [kubeScheduler(context, { logLevel: logLevelOf(kubeSchedulerDeclaration, logLevels), ...single })]
      : []),
    ...(enabled(kubeControllerManagerDeclaration)
      ? [
          kubeControllerManager(context, {
            logLevel: logLevelOf(kubeControllerManagerDeclaration, logLevels),
            cliExtraArgs: options.kubeControllerManagerExtraArgs,
            ...single,
          }),
        ]
      : []),
    ...(node.singleController ? [] : sharedControlPlane(node)),
    ...(foreignEndpoints ? [endpointReconciler({ config, client, leader, log })] : []),
    ...controlPlaneBalancer(node),
    ...(enabled(systemRbacDeclaration) ? [systemRbacComponent({ client, log, autopilot: false })] : []),
    kubeletServingCaPublisher({ pkiDir: paths.pkiDir, client, leader, log }),
    ...(enabled(csrApproverDeclaration)
      ? [
          csrApprover({
            config,
            ownNode: options.enableWorker ? node.name : undefined,
            ownAuthority: signsWithOwnAuthority(config, options.kubeControllerManagerExtraArgs),
            foreignEndpoints,
            client,
            leader,
            log,
          }),
        ]
      : []),
    ...(enabled(nodeRoleDeclaration) && options.enableWorker
      ? [nodeRoleLabeller({ nodeName: node.name, role: ownNodeRole(options), client, log })]
      : []),
    workerConfigReconciler({
      config,
      client,
      log,
      k0sVersion,
      // Where there can be only one it is the same after a kill, and has not to wait until its own lease runs out.
      holder: node.singleController ? { identity: `single-controller-${node.name}` } : node.holder,
      leaseClient: node.leaseClient,
      konnectivity: node.konnectivity,
      autopilot: false,
    }),
    ...(enabled(networkDeclaration)
      ? [networkProvider({ config, manifestsDir: paths.manifestsDir, stacks: deployer })]
      : []),
    nodes,
    ...(enabled(corednsDeclaration) ? [corednsComponent(addon)] : []),
    ...(enabled(metricsServerDeclaration) ? [metricsServerComponent(addon)] : []),
    ...(enabled(applierDeclaration) ? [deployer] : []),
  ];
}

/** Of the node on a controller, unless it was started with another one. */
function ownNodeRole({ labels }: ControllerNode["options"]): string {
  return labels[roleHintLabel] ?? "control-plane";
}
