// kube-apiserver. Upstream: pkg/component/controller/apiserver.go.

import type { ClusterConfig } from "../../config/cluster-config.ts";
import type { Component } from "../../supervisor/component.ts";
import { logLevelOf } from "../../supervisor/declaration.ts";
import { processOptions } from "../../supervisor/node-process.ts";
import { processComponent } from "../../supervisor/process-component.ts";
import { kubeApiserverDeclaration } from "./declaration.ts";
import { kubeApiserverArgs, kubeApiserverStopTimeout } from "./flags.ts";
import { prepareFiles } from "./prepare-files.ts";
import { type FoundFiles, nothingFound } from "./security-flags.ts";
import { hasBegun, isServing } from "./readyz.ts";
import type { ControllerNode } from "../node-facts.ts";
import { certificatesDeclaration } from "../certificates/declaration.ts";
import { datastoreIdentityDeclaration } from "../datastore-identity/declaration.ts";
import { controlPlanePrograms } from "../staging.ts";

export function kubeApiserver(node: ControllerNode): Component {
  const { config, paths } = node;
  const stopTimeoutMs = kubeApiserverStopTimeout(undefined, node.apiServerStopTimeoutMs);
  let found: FoundFiles = nothingFound;
  let newest = config;
  let begun = false;
  const argsFor = (current: ClusterConfig): string[] =>
    kubeApiserverArgs({
      config: current,
      paths,
      logLevel: logLevelOf(kubeApiserverDeclaration, node.logLevels),
      konnectivity: node.konnectivity,
      foreignEndpoints: node.foreignEndpoints,
      stopTimeoutMs,
      found,
    });
  const component = processComponent({
    dependsOn: [controlPlanePrograms, certificatesDeclaration, datastoreIdentityDeclaration],
    process: processOptions(node, kubeApiserverDeclaration.name, {
      user: kubeApiserverDeclaration.user,
      args: argsFor(config),
      stopTimeoutMs,
      ...(config.spec.api.port < 1024 ? { ambientCaps: ["net_bind_service"] as const } : {}),
    }),
    readiness: {
      what: `the API at https://${config.spec.api.address}:${config.spec.api.port}/readyz`,
      intervalMs: 50,
      probe: async (signal) => {
        const client = await node.client();
        if (!(await isServing(client, signal))) return false;
        begun ||= await hasBegun(client, signal);
        return begun;
      },
    },
    argsFor,
  });
  return {
    ...component,
    reconcile: async (changed, signal) => {
      newest = changed;
      await component.reconcile?.(changed, signal);
    },
    start: async (signal) => {
      // Before the start this only sets the arguments.
      found = await prepareFiles(node, kubeApiserverDeclaration.user);
      await component.restart(argsFor(newest));
      await component.start(signal);
    },
  };
}
