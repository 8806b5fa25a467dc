// Stack `coredns`. Upstream: pkg/component/controller/coredns.go. Probes look sooner and more often than
// upstream's, so that a pod that serves is Ready at once.

import type { ClusterFields } from "../../config/changing-fields.ts";
import { dnsAddress } from "../../config/derived.ts";
import { imageUri } from "../../config/images.ts";
import type { KubeObject } from "../../kube/types.ts";
import { nodeLocalDns, type NodeLocalConfig } from "./node-local.ts";
import { clusterRole, clusterRoleBinding, serviceAccount } from "../../kube/objects/rbac.ts";

export interface CoreDnsInput {
  readonly config: NodeLocalConfig;
  /** Linux nodes in the cluster. */
  readonly nodeCount: number;
}

const labels = { "k8s-app": "kube-dns", "kubernetes.io/name": "CoreDNS" };
const selector = { "k8s-app": "kube-dns" };

/** One for a single node, else one more than a tenth of the nodes. */
export function corednsReplicas(nodeCount: number): number {
  return nodeCount <= 1 ? 1 : 1 + Math.ceil(nodeCount / 10);
}

export function coredns(input: CoreDnsInput): KubeObject[] {
  const replicas = corednsReplicas(input.nodeCount);
  return [
    serviceAccount("coredns"),
    clusterRole("system-coredns", [
      {
        apiGroups: [""],
        resources: ["endpoints", "services", "pods", "namespaces"],
        verbs: ["list", "watch"],
      },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
    ]),
    clusterRoleBinding("system-coredns", "system-coredns", [
      { kind: "ServiceAccount", name: "coredns", namespace: "kube-system" },
    ]),
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "coredns", namespace: "kube-system" },
      data: { Corefile: corefile(input.config.spec.network.clusterDomain) },
    },
    deployment(input.config, replicas),
    ...(replicas > 1 ? [disruptionBudget()] : []),
    service(dnsAddress(input.config)),
    ...nodeLocalDns(input.config),
  ];
}

/**
 * Where the users' own ConfigMap is: `*.override` are plug-ins for the zone above, `*.server` are zones of their own. It is
 * not k0s' object, so nothing that k0s does changes it.
 */
const customDir = "/etc/coredns/custom";
const customName = "coredns-custom";

function corefile(clusterDomain: string): string {
  return `.:53 {
    errors
    health {
      lameduck 5s
    }
    ready
    kubernetes ${clusterDomain} in-addr.arpa ip6.arpa {
      pods insecure
      ttl 30
      fallthrough in-addr.arpa ip6.arpa
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
    import ${customDir}/*.override
}
import ${customDir}/*.server
`;
}

function deployment(config: ClusterFields<"images">, replicas: number): KubeObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "coredns", namespace: "kube-system", labels },
    spec: {
      replicas,
      ...(replicas === 2 || replicas === 3
        ? { strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } } }
        : {}),
      selector: { matchLabels: selector },
      template: {
        metadata: {
          labels: selector,
          annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9153" },
        },
        spec: {
          priorityClassName: "system-cluster-critical",
          serviceAccountName: "coredns",
          tolerations: [
            { key: "node-role.kubernetes.io/master", operator: "Exists", effect: "NoSchedule" },
            { key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" },
          ],
          nodeSelector: { "kubernetes.io/os": "linux" },
          dnsPolicy: "Default",
          // The image runs as nobody, and a capability alone does not reach a process that is not root.
          securityContext: {
            seccompProfile: { type: "RuntimeDefault" },
            sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "53" }],
          },
          ...(replicas > 1 ? { affinity: apartByHost() } : {}),
          topologySpreadConstraints: [
            {
              topologyKey: "topology.kubernetes.io/zone",
              maxSkew: 1,
              whenUnsatisfiable: "ScheduleAnyway",
              labelSelector: { matchLabels: selector },
            },
          ],
          containers: [container(config)],
          volumes: [
            {
              name: "config-volume",
              configMap: { name: "coredns", items: [{ key: "Corefile", path: "Corefile" }] },
            },
            { name: "custom-config", configMap: { name: customName, optional: true } },
          ],
        },
      },
    },
  };
}

function container(config: ClusterFields<"images">): Record<string, unknown> {
  return {
    name: "coredns",
    image: imageUri(config, "coredns"),
    imagePullPolicy: config.spec.images.default_pull_policy,
    terminationMessagePolicy: "FallbackToLogsOnError",
    args: ["-conf", "/etc/coredns/Corefile"],
    resources: { requests: { cpu: "100m", memory: "70Mi" } },
    volumeMounts: [
      { name: "config-volume", mountPath: "/etc/coredns", readOnly: true },
      { name: "custom-config", mountPath: customDir, readOnly: true },
    ],
    ports: [
      { containerPort: 53, name: "dns", protocol: "UDP" },
      { containerPort: 53, name: "dns-tcp", protocol: "TCP" },
      { containerPort: 9153, name: "metrics", protocol: "TCP" },
    ],
    securityContext: {
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
    // Looks every second until the first success, and rarely from then on.
    startupProbe: {
      httpGet: { path: "/ready", port: 8181 },
      periodSeconds: 1,
      timeoutSeconds: 1,
      failureThreshold: 60,
    },
    livenessProbe: {
      httpGet: { path: "/health", port: 8080 },
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 5,
    },
    readinessProbe: {
      httpGet: { path: "/ready", port: 8181 },
      // A kubelet that has just started puts the first question off by up to a period (ADR 102).
      periodSeconds: 2,
      timeoutSeconds: 2,
      failureThreshold: 7,
    },
  };
}

function apartByHost(): Record<string, unknown> {
  return {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: selector } },
      ],
    },
  };
}

function disruptionBudget(): KubeObject {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "coredns", namespace: "kube-system", labels },
    spec: { minAvailable: "50%", selector: { matchLabels: selector } },
  };
}

function service(clusterIP: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: "kube-dns",
      namespace: "kube-system",
      annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9153" },
      labels: { ...selector, "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS" },
    },
    spec: {
      selector,
      clusterIP,
      ports: [
        { name: "dns", port: 53, protocol: "UDP", targetPort: 53 },
        { name: "dns-tcp", port: 53, protocol: "TCP", targetPort: 53 },
        { name: "metrics", port: 9153, protocol: "TCP", targetPort: 9153 },
      ],
    },
  };
}
