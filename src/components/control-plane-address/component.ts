// The control plane behind one address on request: virtual addresses, connections to them spread over every API server, and the
// programs for both. Upstream: pkg/component/controller/cplb/cplb_linux.go; docs/adr/0026.

import { join } from "node:path";
import { hostTools, stageHostTools } from "../../payload/stage-host-tools.ts";
import type { Component } from "../../supervisor/component.ts";
import type { ControllerNode } from "../node-facts.ts";
import { controlPlanePrograms, stagingComponent, workerPrograms } from "../staging.ts";
import { controlPlaneBalancer } from "./balancer.ts";
import { virtualIps } from "./virtual-ips.ts";
import { kubeApiserverDeclaration } from "../kube-apiserver/declaration.ts";

export function controlPlaneAddress(node: ControllerNode): readonly Component[] {
  const { config, paths, payload, log, enableWorker } = node;
  const { binDir } = hostTools(paths.hostToolsDir);
  const staged = stagingComponent({
    name: "host-tools",
    dependsOn: [controlPlanePrograms],
    stage: async (signal) => void (await stageHostTools(payload, paths.hostToolsDir, { signal })),
  });
  // A worker brings them anyway.
  const dependsOn = [kubeApiserverDeclaration, enableWorker ? workerPrograms : staged];
  const { disableLoadBalancer } = config.spec.network.controlPlaneLoadBalancing.keepalived;
  return [
    ...(enableWorker ? [] : [staged]),
    ...(disableLoadBalancer ? [] : [controlPlaneBalancer(node, { nft: join(binDir, "nft"), dependsOn })]),
    virtualIps({ config, log, ip: join(binDir, "ip"), dependsOn }),
  ];
}
