// What a controller may run, by its declarations; how it is started, and after what: src/node/controller/components.ts.

import { certificatesDeclaration } from "../components/certificates/declaration.ts";
import { corednsDeclaration } from "../components/coredns/declaration.ts";
import { metricsServerDeclaration } from "../components/metrics-server/declaration.ts";
import { nodeRoleDeclaration } from "../components/node-role/declaration.ts";
import { systemRbacDeclaration } from "../components/system-rbac/declaration.ts";
import { csrApproverDeclaration } from "../components/kubelet-certificates/declaration.ts";
import { applierDeclaration } from "../deployer/declaration.ts";
import { controlApiDeclaration } from "../components/controller-join/declaration.ts";
import { controlPlaneBalancerDeclaration } from "../components/control-plane-address/declaration.ts";
import type { ControllerFacts } from "../components/controller-facts.ts";
import { etcdDeclaration } from "../components/etcd/declaration.ts";
import { kineDeclaration } from "../components/kine/declaration.ts";
import { konnectivityDeclaration } from "../components/konnectivity/declaration.ts";
import {
  endpointReconcilerDeclaration,
  kubeApiserverDeclaration,
} from "../components/kube-apiserver/declaration.ts";
import { kubeControllerManagerDeclaration } from "../components/kube-controller-manager/declaration.ts";
import { kubeSchedulerDeclaration } from "../components/kube-scheduler/declaration.ts";
import { networkDeclaration } from "../components/network/declaration.ts";
import type { Declaration } from "../supervisor/declaration.ts";

export const controllerRole: readonly Declaration<ControllerFacts>[] = [
  certificatesDeclaration,
  etcdDeclaration,
  kineDeclaration,
  kubeApiserverDeclaration,
  controlApiDeclaration,
  controlPlaneBalancerDeclaration,
  kubeControllerManagerDeclaration,
  kubeSchedulerDeclaration,
  konnectivityDeclaration,
  endpointReconcilerDeclaration,
  systemRbacDeclaration,
  csrApproverDeclaration,
  nodeRoleDeclaration,
  networkDeclaration,
  corednsDeclaration,
  metricsServerDeclaration,
  applierDeclaration,
];
