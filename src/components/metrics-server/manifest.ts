// Stack `metricserver`. Upstream: pkg/component/controller/metricserver.go.

import type { ClusterFields } from "../../config/changing-fields.ts";
import { imageUri } from "../../config/images.ts";
import type { KubeObject } from "../../kube/types.ts";
import { kubeletServingCaMap } from "../kubelet-serving-certificates/serving-ca-manifest.ts";
import { clusterRole, clusterRoleBinding, serviceAccount } from "../../kube/objects/rbac.ts";
import type { Subject } from "../../kube/objects/rbac.ts";

export interface MetricsServerInput {
  readonly config: ClusterFields<"images">;
  readonly nodeCount: number;
}

const name = "metrics-server";
const labels = { "k8s-app": name };
const account: Subject = { kind: "ServiceAccount", name, namespace: "kube-system" };
/** Where it finds what kubelets' certificates are signed with. */
const kubeletCaDir = "/etc/kubelet-serving-ca";
const aggregate = "rbac.authorization.k8s.io/aggregate-to-";

export function metricsServer(input: MetricsServerInput): KubeObject[] {
  return [
    serviceAccount(name, labels),
    clusterRole(
      "system:aggregated-metrics-reader",
      [{ apiGroups: ["metrics.k8s.io"], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] }],
      {
        ...labels,
        [`${aggregate}admin`]: "true",
        [`${aggregate}edit`]: "true",
        [`${aggregate}view`]: "true",
      },
    ),
    clusterRole(
      "system:metrics-server",
      [
        { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
        { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] },
      ],
      labels,
    ),
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "metrics-server-auth-reader", namespace: "kube-system", labels },
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "Role",
        name: "extension-apiserver-authentication-reader",
      },
      subjects: [account],
    },
    clusterRoleBinding("metrics-server:system:auth-delegator", "system:auth-delegator", [account], labels),
    clusterRoleBinding("system:metrics-server", "system:metrics-server", [account], labels),
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: "kube-system", labels },
      spec: { ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: "https" }], selector: labels },
    },
    deployment(input),
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: "v1beta1.metrics.k8s.io", labels },
      spec: {
        group: "metrics.k8s.io",
        version: "v1beta1",
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name, namespace: "kube-system" },
      },
    },
  ];
}

function deployment({ config, nodeCount }: MetricsServerInput): KubeObject {
  const scale = Math.max(1, Math.ceil(nodeCount / 10));
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "kube-system", labels },
    spec: {
      replicas: 1,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0 } },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          priorityClassName: "system-cluster-critical",
          nodeSelector: { "kubernetes.io/os": "linux" },
          tolerations: [
            { key: "node-role.kubernetes.io/master", operator: "Exists", effect: "NoSchedule" },
            { key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" },
          ],
          securityContext: { seccompProfile: { type: "RuntimeDefault" } },
          containers: [container(config, scale)],
          volumes: [
            { name: "tmp-dir", emptyDir: {} },
            { name: "kubelet-ca", configMap: { name: kubeletServingCaMap.name } },
          ],
        },
      },
    },
  };
}

function container(config: ClusterFields<"images">, scale: number): Record<string, unknown> {
  // The first figures exist only after two rounds of --metric-resolution. Until then the server answers, just with nothing
  // in it, so the pod does not wait for them to be Ready.
  const ready = { path: "/readyz?exclude=metric-storage-ready", port: "https", scheme: "HTTPS" };
  return {
    name,
    image: imageUri(config, "metricsserver"),
    imagePullPolicy: config.spec.images.default_pull_policy,
    terminationMessagePolicy: "FallbackToLogsOnError",
    args: [
      "--cert-dir=/tmp",
      "--secure-port=10250",
      `--kubelet-certificate-authority=${kubeletCaDir}/${kubeletServingCaMap.key}`,
      "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
      "--kubelet-use-node-status-port",
      "--metric-resolution=15s",
    ],
    ports: [{ containerPort: 10250, name: "https", protocol: "TCP" }],
    resources: { requests: { cpu: `${10 * scale}m`, memory: `${30 * scale}M` } },
    startupProbe: { httpGet: ready, periodSeconds: 1, failureThreshold: 60 },
    // A kubelet that has just started puts the first question off by up to a period (ADR 102).
    readinessProbe: { httpGet: ready, periodSeconds: 3, failureThreshold: 10 },
    livenessProbe: {
      httpGet: { path: "/livez", port: "https", scheme: "HTTPS" },
      periodSeconds: 10,
      failureThreshold: 3,
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 1000,
    },
    volumeMounts: [
      { name: "tmp-dir", mountPath: "/tmp" },
      { name: "kubelet-ca", mountPath: kubeletCaDir, readOnly: true },
    ],
  };
}
