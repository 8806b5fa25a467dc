// What a controller runs: a line a component, in the order in which they are written down everywhere. Each starts as soon as
// those it depends on are ready. What a component declares of itself, and how it is made, lies in its folder.

import { type CertificateNeeds, certificatesDeclaration } from "../components/certificates/declaration.ts";
import { controlPlaneAddressDeclaration } from "../components/control-plane-address/declaration.ts";
import { clusterConfigDeclaration } from "../components/cluster-config/declaration.ts";
import type { ControllerFacts } from "../components/controller-facts.ts";
import {
  clusterFactsDeclaration,
  controlApiDeclaration,
  joinDeclaration,
  type JoinNeeds,
} from "../components/controller-join/declaration.ts";
import {
  controllerLeaseDeclaration,
  leaderElectionDeclaration,
} from "../components/controller-leases/declaration.ts";
import { corednsDeclaration } from "../components/coredns/declaration.ts";
import {
  etcdDeclaration,
  etcdMembersDeclaration,
  type EtcdNeeds,
  externalEtcdDeclaration,
} from "../components/etcd/declaration.ts";
import { k0sCloudProviderDeclaration } from "../components/k0s-cloud-provider/declaration.ts";
import { kineDeclaration } from "../components/kine/declaration.ts";
import { konnectivityDeclaration, type KonnectivityNeeds } from "../components/konnectivity/declaration.ts";
import { helmDeclaration } from "../components/helm-extensions/declaration.ts";
import {
  adminKubeconfigDeclaration,
  bootstrapRolesDeclaration,
  endpointReconcilerDeclaration,
  kubeApiserverDeclaration,
} from "../components/kube-apiserver/declaration.ts";
import { kubeControllerManagerDeclaration } from "../components/kube-controller-manager/declaration.ts";
import { kubeSchedulerDeclaration } from "../components/kube-scheduler/declaration.ts";
import {
  csrApproverDeclaration,
  kubeletServingCaDeclaration,
} from "../components/kubelet-serving-certificates/declaration.ts";
import { metricsServerDeclaration } from "../components/metrics-server/declaration.ts";
import { networkDeclaration } from "../components/network/declaration.ts";
import type { ControllerNode } from "../components/node-facts.ts";
import { nodeRoleDeclaration } from "../components/node-role/declaration.ts";
import { runtimeClassesDeclaration } from "../components/runtime-classes/declaration.ts";
import { secretsEncryptionDeclaration } from "../components/secrets-encryption/declaration.ts";
import { systemRbacDeclaration } from "../components/system-rbac/declaration.ts";
import { windowsNodeDeclaration } from "../components/windows-node/declaration.ts";
import { workerConfigPublisherDeclaration } from "../components/worker-config/declaration.ts";
import { applierDeclaration, nodeIndexDeclaration } from "../deployer/declaration.ts";
import type { Declaration } from "../supervisor/declaration.ts";

/** What all of them know of their node, and what one or two of them need besides. */
export type ControllerParts = ControllerNode & CertificateNeeds & EtcdNeeds & JoinNeeds & KonnectivityNeeds;

export const controllerRole: readonly Declaration<ControllerFacts, ControllerParts>[] = [
  joinDeclaration,
  certificatesDeclaration,
  etcdDeclaration,
  externalEtcdDeclaration,
  kineDeclaration,
  konnectivityDeclaration,
  kubeApiserverDeclaration,
  bootstrapRolesDeclaration,
  secretsEncryptionDeclaration,
  clusterFactsDeclaration,
  kubeSchedulerDeclaration,
  kubeControllerManagerDeclaration,
  leaderElectionDeclaration,
  etcdMembersDeclaration,
  controllerLeaseDeclaration,
  clusterConfigDeclaration,
  adminKubeconfigDeclaration,
  controlApiDeclaration,
  endpointReconcilerDeclaration,
  controlPlaneAddressDeclaration,
  systemRbacDeclaration,
  kubeletServingCaDeclaration,
  csrApproverDeclaration,
  k0sCloudProviderDeclaration,
  nodeRoleDeclaration,
  workerConfigPublisherDeclaration,
  networkDeclaration,
  nodeIndexDeclaration,
  windowsNodeDeclaration,
  runtimeClassesDeclaration,
  corednsDeclaration,
  metricsServerDeclaration,
  helmDeclaration,
  applierDeclaration,
];
