// What Calico's programs may do: upstream's manifests/calico-vxlan.yaml of the version that upstream/calico pins.

import type { PolicyRule } from "../../../kube/objects/rbac.ts";

export const calicoRules: Readonly<
  Record<"calico-kube-controllers" | "calico-node" | "calico-cni-plugin", readonly PolicyRule[]>
> = {
  "calico-kube-controllers": [
    { apiGroups: [""], resources: ["nodes"], verbs: ["watch", "list", "get"] },
    { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] },
    { apiGroups: ["crd.projectcalico.org"], resources: ["ipreservations"], verbs: ["list"] },
    {
      apiGroups: ["crd.projectcalico.org"],
      resources: ["blockaffinities", "ipamblocks", "ipamhandles"],
      verbs: ["get", "list", "create", "update", "delete", "watch"],
    },
    { apiGroups: ["crd.projectcalico.org"], resources: ["ippools"], verbs: ["list", "watch"] },
    {
      apiGroups: ["crd.projectcalico.org"],
      resources: ["hostendpoints"],
      verbs: ["get", "list", "create", "update", "delete"],
    },
    {
      apiGroups: ["crd.projectcalico.org"],
      resources: ["clusterinformations"],
      verbs: ["get", "list", "create", "update", "watch"],
    },
    {
      apiGroups: ["crd.projectcalico.org"],
      resources: ["kubecontrollersconfigurations"],
      verbs: ["get", "list", "create", "update", "watch"],
    },
  ],
  "calico-node": [
    {
      apiGroups: [""],
      resources: ["serviceaccounts/token"],
      resourceNames: ["calico-cni-plugin"],
      verbs: ["create"],
    },
    { apiGroups: [""], resources: ["pods", "nodes", "namespaces"], verbs: ["get"] },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["watch", "list"] },
    { apiGroups: [""], resources: ["endpoints", "services"], verbs: ["watch", "list", "get"] },
    { apiGroups: [""], resources: ["configmaps"], verbs: ["get"] },
    { apiGroups: [""], resources: ["nodes/status"], verbs: ["patch", "update"] },
    { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: ["watch", "list"] },
    { apiGroups: [""], resources: ["pods", "namespaces", "serviceaccounts"], verbs: ["list", "watch"] },
    { apiGroups: [""], resources: ["pods/status"], verbs: ["patch"] },
    {
      apiGroups: ["crd.projectcalico.org"],
      resources: [
        "globalfelixconfigs",
        "felixconfigurations",
        "bgppeers",
        "bgpfilters",
        "globalbgpconfigs",
        "bgpconfigurations",
        "ippools",
        "ipreservations",
        "ipamblocks",
        "globalnetworkpolicies",
        "globalnetworksets",
        "networkpolicies",
        "networksets",
        "clusterinformations",
        "hostendpoints",
        "blockaffinities",
        "caliconodestatuses",
      ],
      verbs: ["get", "list", "watch"],
    },
    {
      apiGroups: ["crd.projectcalico.org"],
      resources: ["ippools", "felixconfigurations", "clusterinformations"],
      verbs: ["create", "update"],
    },
    { apiGroups: ["crd.projectcalico.org"], resources: ["caliconodestatuses"], verbs: ["update"] },
    { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] },
    {
      apiGroups: ["crd.projectcalico.org"],
      resources: ["bgpconfigurations", "bgppeers"],
      verbs: ["create", "update"],
    },
    {
      apiGroups: ["crd.projectcalico.org"],
      resources: ["blockaffinities", "ipamblocks", "ipamhandles"],
      verbs: ["get", "list", "create", "update", "delete"],
    },
    { apiGroups: ["crd.projectcalico.org"], resources: ["ipamconfigs"], verbs: ["get", "create"] },
    { apiGroups: ["crd.projectcalico.org"], resources: ["blockaffinities"], verbs: ["watch"] },
    { apiGroups: ["apps"], resources: ["daemonsets"], verbs: ["get"] },
  ],
  "calico-cni-plugin": [
    { apiGroups: [""], resources: ["pods", "nodes", "namespaces"], verbs: ["get"] },
    { apiGroups: [""], resources: ["pods/status"], verbs: ["patch"] },
    {
      apiGroups: ["crd.projectcalico.org"],
      resources: [
        "blockaffinities",
        "ipamblocks",
        "ipamhandles",
        "clusterinformations",
        "ippools",
        "ipreservations",
        "ipamconfigs",
      ],
      verbs: ["get", "list", "create", "update", "delete"],
    },
  ],
};
