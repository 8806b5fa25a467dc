// Stack `konnectivity`: the agents, which open the tunnels from the nodes to the controllers.
// Upstream: pkg/component/controller/konnectivityagent.go. How they count the servers: docs/adr/0020.

import type { ClusterFields } from "../../config/changing-fields.ts";
import { imageUri } from "../../config/images.ts";
import { agentTargets, type AgentTargetsConfig } from "../../config/konnectivity.ts";
import type { KubeObject } from "../../kube/types.ts";
import { clusterRoleBinding, role, roleBinding, serviceAccount } from "../../kube/objects/rbac.ts";
import { systemDaemonSet } from "../../kube/objects/workload.ts";

export interface KonnectivityAgentInput {
  readonly config: AgentTargetsConfig & ClusterFields<"images">;
  /** No other controller can ever exist: nothing to count. */
  readonly singleController: boolean;
}

/** Where every server keeps a lease for agents to count: nobody else's leases are renewed there. */
export const leaseNamespace = "kube-public";

const name = "konnectivity-agent";
const labels = { "k8s-app": name };
const server = "system:konnectivity-server";
const serverUser = { kind: "User", name: server } as const;
const account = { kind: "ServiceAccount", name, namespace: "kube-system" } as const;
const healthPort = 8093;
const tokenDir = "/var/run/secrets/tokens";
const accountDir = "/var/run/secrets/kubernetes.io/serviceaccount";

export function konnectivityAgent(input: KonnectivityAgentInput): KubeObject[] {
  return [
    // For the review of agents' tokens.
    clusterRoleBinding(server, "system:auth-delegator", [serverUser]),
    serviceAccount(name),
    ...(input.singleController ? [] : leaseRoles()),
    daemonSet(input),
  ];
}

function leaseRoles(): KubeObject[] {
  const leases = { apiGroups: ["coordination.k8s.io"], resources: ["leases"] };
  return [
    role(server, leaseNamespace, [
      { ...leases, verbs: ["create", "get", "list", "watch", "update", "patch", "delete"] },
    ]),
    roleBinding(server, leaseNamespace, server, [serverUser]),
    role(name, leaseNamespace, [{ ...leases, verbs: ["get", "list", "watch"] }]),
    roleBinding(name, leaseNamespace, name, [account]),
  ];
}

function daemonSet(input: KonnectivityAgentInput): KubeObject {
  return systemDaemonSet({
    name,
    labels,
    annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": String(healthPort) },
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "10%" } },
    pod: {
      // There is no image of it for Windows. Servers reach those nodes through the agents of others.
      nodeSelector: { "kubernetes.io/os": "linux" },
      priorityClassName: "system-cluster-critical",
      serviceAccountName: name,
      tolerations: [{ operator: "Exists" }],
      // It only ends after two signals, of which kubelet sends one; sessions that are open may end meanwhile.
      terminationGracePeriodSeconds: 5,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65_534,
        runAsGroup: 65_534,
        supplementalGroups: [0],
        seccompProfile: { type: "RuntimeDefault" },
      },
      ...(agentTargets(input.config).nodeLocalApi === undefined ? {} : { hostNetwork: true }),
      containers: [container(input)],
      volumes: [
        {
          name: "konnectivity-agent-token",
          projected: {
            sources: [{ serviceAccountToken: { path: "konnectivity-agent-token", audience: server } }],
          },
        },
      ],
    },
  });
}

function container({ config, singleController }: KonnectivityAgentInput): object {
  const { server: target, nodeLocalApi } = agentTargets(config);
  return {
    name,
    image: imageUri(config, "konnectivity"),
    imagePullPolicy: config.spec.images.default_pull_policy,
    terminationMessagePolicy: "FallbackToLogsOnError",
    args: [
      "--logtostderr=true",
      `--ca-cert=${accountDir}/ca.crt`,
      `--proxy-server-host=${target.host}`,
      `--proxy-server-port=${target.port}`,
      `--service-account-token-path=${tokenDir}/konnectivity-agent-token`,
      "--agent-identifiers=host=$(NODE_IP)",
      "--agent-id=$(NODE_IP)",
      // Servers refuse to be asked more often than each 30 s.
      "--keepalive-time=40s",
      "--v=1",
      ...(singleController
        ? []
        : ["--count-server-leases=true", `--lease-namespace=${leaseNamespace}`, "--server-count-source=max"]),
    ],
    env: [
      { name: "NODE_IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } },
      ...(nodeLocalApi === undefined
        ? []
        : [
            { name: "KUBERNETES_SERVICE_HOST", value: nodeLocalApi.host },
            { name: "KUBERNETES_SERVICE_PORT", value: String(nodeLocalApi.port) },
          ]),
    ],
    ports: [{ name: "health", containerPort: healthPort, protocol: "TCP" }],
    resources: { requests: { cpu: "10m", memory: "16Mi" } },
    readinessProbe: { httpGet: { path: "/readyz", port: healthPort }, periodSeconds: 2, timeoutSeconds: 5 },
    livenessProbe: { httpGet: { path: "/healthz", port: healthPort }, periodSeconds: 30, timeoutSeconds: 15 },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
    volumeMounts: [{ name: "konnectivity-agent-token", mountPath: tokenDir, readOnly: true }],
  };
}
