// The CustomResourceDefinition of EtcdMember. Upstream: static/manifests/etcd.

import type { KubeObject } from "../../../kube/types.ts";

const text = { type: "string" } as const;

const condition = {
  type: "object",
  required: ["type", "status", "lastTransitionTime"],
  properties: {
    type: { ...text, enum: ["Joined"] },
    status: { ...text, enum: ["True", "False", "Unknown"] },
    lastTransitionTime: { ...text, format: "date-time" },
    message: text,
  },
};

const status = {
  type: "object",
  required: ["peerAddress", "memberID"],
  properties: {
    peerAddress: text,
    memberID: { ...text, pattern: "^[a-fA-F0-9]+$" },
    reconcileStatus: { ...text, enum: ["Success", "Failed", ""] },
    message: text,
    conditions: {
      type: "array",
      items: condition,
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["type"],
    },
  },
};

const columns = [
  ["Peer Address", ".status.peerAddress"],
  ["Member ID", ".status.memberID"],
  ["Joined", '.status.conditions[?(@.type=="Joined")].status'],
  ["Reconcile Status", ".status.reconcileStatus"],
] as const;

export function etcdMemberCrd(): KubeObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "etcdmembers.etcd.k0sproject.io" },
    spec: {
      group: "etcd.k0sproject.io",
      names: {
        kind: "EtcdMember",
        listKind: "EtcdMemberList",
        plural: "etcdmembers",
        singular: "etcdmember",
      },
      scope: "Cluster",
      versions: [
        {
          name: "v1beta1",
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns.map(([name, jsonPath]) => ({ name, jsonPath, type: "string" })),
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: {
                apiVersion: text,
                kind: text,
                metadata: { type: "object" },
                spec: {
                  type: "object",
                  properties: {
                    leave: {
                      type: "boolean",
                      default: false,
                      description: "True: the member shall leave the etcd cluster.",
                    },
                  },
                },
                status,
              },
            },
          },
        },
      ],
    },
  };
}
