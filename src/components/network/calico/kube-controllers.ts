// The Deployment calico-kube-controllers and its disruption budget.
// Upstream: static/manifests/calico/Deployment/calico-kube-controllers.yaml.

import { imageUri } from "../../../config/images.ts";
import type { KubeObject } from "../../../kube/types.ts";
import type { CalicoConfig } from "../config.ts";

const name = "calico-kube-controllers";
const labels = { "k8s-app": name };
const metadata = { name, namespace: "kube-system", labels };

export function calicoKubeControllers(config: CalicoConfig): KubeObject[] {
  return [
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata,
      spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 1,
        strategy: { type: "Recreate" },
        selector: { matchLabels: labels },
        template: { metadata: { name, namespace: "kube-system", labels }, spec: podSpec(config) },
      },
    },
  ];
}

function podSpec(config: CalicoConfig): object {
  return {
    nodeSelector: { "kubernetes.io/os": "linux" },
    tolerations: [
      { key: "CriticalAddonsOnly", operator: "Exists" },
      { key: "node-role.kubernetes.io/master", effect: "NoSchedule" },
      { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" },
    ],
    serviceAccountName: name,
    priorityClassName: "system-cluster-critical",
    containers: [
      {
        name,
        image: imageUri(config, "calico.kubecontrollers"),
        imagePullPolicy: config.spec.images.default_pull_policy,
        terminationMessagePolicy: "FallbackToLogsOnError",
        env: [
          { name: "ENABLED_CONTROLLERS", value: "node" },
          { name: "DATASTORE_TYPE", value: "kubernetes" },
        ],
        // A probe is a process each time, 0.1 s of a core: often until it is up, rarely afterwards. Upstream also probes its
        // readiness, which no Service looks at, and a kubelet that has just started puts off the first probe of each kind by
        // up to its period.
        startupProbe: { ...checkStatus("-r"), periodSeconds: 1, failureThreshold: 180 },
        livenessProbe: { ...checkStatus("-l"), periodSeconds: 30, failureThreshold: 6 },
      },
    ],
  };
}

function checkStatus(flag: string): object {
  return { exec: { command: ["/usr/bin/check-status", flag] }, timeoutSeconds: 10 };
}
