// The worker inside a controller: it talks to the API server beside it. Upstream: cmd/worker/worker.go.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { clusterNoProxy, localApiUrl } from "../../config/derived.ts";
import { roleHintLabel } from "../../components/node-role/component.ts";
import { kubeProxyDeclaration } from "../../components/kube-proxy/declaration.ts";
import { workerFactsOf } from "../../components/worker-facts.ts";
import { runs } from "../../supervisor/declaration.ts";
import { workerConfigData } from "../../components/worker-config/manifest.ts";
import type { Component } from "../../supervisor/component.ts";
import { kubeconfigCredentials } from "../../kube/kubeconfig-client.ts";
import type { Taint } from "../../components/node-options.ts";
import type { RuntimeAccess } from "../../components/containerd/runtime-access.ts";
import { nodeLocalBalancer } from "../../components/node-local-balancing/balancer.ts";
import { embeddedBalancer } from "./embedded-balancer.ts";
import { isSigningSet } from "../../components/worker-join/issue-locally.ts";
import { localCredentials } from "../../components/worker-join/local-credentials.ts";
import { settingsHolder } from "../../components/worker-config/settings-holder.ts";
import { parseWorkerSettings, type WorkerSettings } from "../../components/worker-config/schema.ts";
import type { ControllerNode } from "../../components/node-facts.ts";
import { workerComponents } from "../pods/components.ts";
import { parseTrust, type TrustBundle } from "../../std/trust-bundle.ts";
import {
  bootstrapRolesDeclaration,
  kubeApiserverDeclaration,
} from "../../components/kube-apiserver/declaration.ts";
import { leafLifetimeMs } from "../../components/certificates/component.ts";
import { systemRbacDeclaration } from "../../components/system-rbac/declaration.ts";
import { controlPlanePrograms } from "../../components/staging.ts";
import { nodeCredentials } from "../../components/worker-join/declaration.ts";
import { workerConfigDeclaration } from "../../components/worker-config/declaration.ts";

const controlPlaneTaint = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" };

/** The API takes no node with one taint twice, so what the user gives stands for ours. */
export function withControlPlaneTaint(taints: readonly Taint[]): readonly Taint[] {
  const { key, effect } = controlPlaneTaint;
  const given = taints.some((taint) => taint.key === key && taint.effect === effect);
  return given ? taints : [controlPlaneTaint, ...taints];
}

/** Another cloud provider than k0s' own decides on the address, and would have to agree to one that is named. */
function registersItself({ enableCloudProvider, k0sCloudProvider }: ControllerNode): boolean {
  return !enableCloudProvider || k0sCloudProvider !== undefined;
}

export async function embeddedWorkerComponents(
  node: ControllerNode,
  runtime: RuntimeAccess,
): Promise<readonly Component[]> {
  const { config, paths, log } = node;
  const settings = settingsHolder(localSettings(node, config));
  const caFile = join(paths.pkiDir, "ca.crt");
  const ca = async (): Promise<TrustBundle> => parseTrust(await readFile(caFile, "utf8"), caFile);
  const host = {
    ...node,
    labels: { [roleHintLabel]: "control-plane", ...node.labels },
    taints: node.single || node.noTaints ? node.taints : withControlPlaneTaint(node.taints),
  };
  const { components } = await workerComponents(host, {
    settings,
    // The control plane's programs are on the critical path; the worker's follow.
    programsAfter: [controlPlanePrograms],
    settingsFrom: [],
    credentialsFrom: [nodeCredentials],
    rightsFrom: [bootstrapRolesDeclaration, systemRbacDeclaration],
    address: () => Promise.resolve(config.spec.api.address),
    registersAddress: registersItself(node),
    kubeconfig: () => paths.kubeletKubeconfig,
    apiHosts: () => clusterNoProxy(config),
    clusterCa: ca,
    runtime,
    runsKubeProxy: runs(kubeProxyDeclaration, workerFactsOf(config, node)),
  });
  return [
    ...(config.spec.network.nodeLocalLoadBalancing.enabled
      ? [
          embeddedBalancer({
            balancer: nodeLocalBalancer({
              paths,
              log,
              cluster: () => ({ server: localApiUrl(config) }),
              credentials: kubeconfigCredentials(paths.adminKubeconfig),
            }),
            settings,
            client: node.client,
            log,
          }),
        ]
      : []),
    {
      name: workerConfigDeclaration.name,
      start: () => Promise.resolve(),
      reconcile: async (next) => settings.set(localSettings(node, next)),
      stop: () => Promise.resolve(),
    },
    localCredentials({
      paths,
      nodeName: node.name,
      client: node.client,
      cluster: async () => ({ server: localApiUrl(config), ca: await ca() }),
      log,
      expiresMs: isSigningSet(config, node.kubeControllerManagerExtraArgs)
        ? undefined
        : leafLifetimeMs(config),
      dependsOn: [kubeApiserverDeclaration],
    }),
    ...components,
  ];
}

/** The same settings that workers read from the cluster. */
function localSettings({ konnectivity, profile }: ControllerNode, config: ClusterConfig): WorkerSettings {
  const data = workerConfigData({ config, apiServers: [], konnectivity, autopilot: false }, profile);
  if (data !== undefined) return parseWorkerSettings(data, `spec.workerProfiles (${profile})`);
  throw new Error(`there is no worker profile ${profile}`);
}
