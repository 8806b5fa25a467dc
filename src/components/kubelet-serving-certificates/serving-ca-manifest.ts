// What kubelets' serving certificates are verified with, for everything that talks to kubelets: metrics-server, and
// scrapers of users.

import type { KubeObject } from "../../kube/types.ts";

export const kubeletServingCaMap = {
  name: "kubelet-serving-ca",
  namespace: "kube-system",
  key: "ca.crt",
} as const;

/** `bundle` is PEM. */
export function kubeletServingCa(bundle: string): KubeObject & { data: Record<string, string> } {
  const { name, namespace, key } = kubeletServingCaMap;
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data: { [key]: bundle } };
}
