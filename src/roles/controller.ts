// What a controller may run, by its declarations; how it is started, and after what: src/node/controller/components.ts.

import { controlApiDeclaration } from "../components/controller-join/declaration.ts";
import { controlPlaneBalancerDeclaration } from "../components/control-plane-address/declaration.ts";
import type { ControllerFacts } from "../components/controller-facts.ts";
import { etcdDeclaration } from "../components/etcd/declaration.ts";
import { kineDeclaration } from "../components/kine/declaration.ts";
import { konnectivityDeclaration } from "../components/konnectivity/declaration.ts";
import { kubeApiserverDeclaration } from "../components/kube-apiserver/declaration.ts";
import { kubeControllerManagerDeclaration } from "../components/kube-controller-manager/declaration.ts";
import { kubeSchedulerDeclaration } from "../components/kube-scheduler/declaration.ts";
import { networkDeclaration } from "../components/network/declaration.ts";
import type { Declaration } from "../supervisor/declaration.ts";

export const controllerRole: readonly Declaration<ControllerFacts>[] = [
  etcdDeclaration,
  kineDeclaration,
  kubeApiserverDeclaration,
  controlApiDeclaration,
  controlPlaneBalancerDeclaration,
  kubeControllerManagerDeclaration,
  kubeSchedulerDeclaration,
  konnectivityDeclaration,
  networkDeclaration,
];
