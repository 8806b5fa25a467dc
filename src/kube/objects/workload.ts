import type { KubeObject, KubeResource } from "../types.ts";

/** A Deployment or DaemonSet. */
export interface Workload extends KubeResource {
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
  };
}

export interface SystemDaemonSet {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Default: Kubernetes' own. */
  readonly updateStrategy?: object;
  /** Specification of its pods. */
  readonly pod: object;
}

/** Of the namespace of the system, with pods that bear its labels. */
export function systemDaemonSet(of: SystemDaemonSet): KubeObject {
  const { name, labels, annotations, updateStrategy, pod } = of;
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace: "kube-system", labels },
    spec: {
      selector: { matchLabels: labels },
      ...(updateStrategy === undefined ? {} : { updateStrategy }),
      template: { metadata: { labels, ...(annotations === undefined ? {} : { annotations }) }, spec: pod },
    },
  };
}

/** Of pods without which a node is none: they run on every one, whatever is wrong with it. */
export function tolerateEverything(): object[] {
  return [
    { effect: "NoSchedule", operator: "Exists" },
    { key: "CriticalAddonsOnly", operator: "Exists" },
    { effect: "NoExecute", operator: "Exists" },
  ];
}
