// The DaemonSet calico-node. Differs from upstream where that was proved: no init containers for eBPF and for migrations
// from other IPAM, health by HTTP instead of a process every few seconds.
// Upstream: static/manifests/calico/DaemonSet/calico-node.yaml.

import { felixHealthPort } from "../declaration.ts";
import { imageUri } from "../../../config/images.ts";
import type { KubeObject } from "../../../kube/types.ts";
import { calicoCniConfig } from "./cni-config.ts";
import { calicoNodeEnvironment } from "./node-environment.ts";
import { servicesEndpointName } from "./services-endpoint.ts";
import type { CalicoConfig } from "../config.ts";
import { systemDaemonSet, tolerateEverything } from "../../../kube/objects/workload.ts";

const labels = { "k8s-app": "calico-node" };
const envFrom = [{ configMapRef: { name: servicesEndpointName, optional: true } }];

interface HostPath {
  readonly name: string;
  readonly path: string;
  readonly type?: "DirectoryOrCreate" | "FileOrCreate";
}

const hostPaths: readonly HostPath[] = [
  { name: "lib-modules", path: "/lib/modules" },
  { name: "var-run-calico", path: "/var/run/calico", type: "DirectoryOrCreate" },
  { name: "var-lib-calico", path: "/var/lib/calico", type: "DirectoryOrCreate" },
  { name: "xtables-lock", path: "/run/xtables.lock", type: "FileOrCreate" },
  { name: "cni-bin-dir", path: "/opt/cni/bin", type: "DirectoryOrCreate" },
  { name: "cni-net-dir", path: "/etc/cni/net.d" },
  { name: "cni-log-dir", path: "/var/log/calico/cni" },
  { name: "policysync", path: "/var/run/nodeagent", type: "DirectoryOrCreate" },
];

export function calicoNodeDaemonSet(config: CalicoConfig): KubeObject {
  return systemDaemonSet({
    name: "calico-node",
    labels,
    annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9091" },
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
    pod: {
      nodeSelector: { "kubernetes.io/os": "linux" },
      hostNetwork: true,
      tolerations: tolerateEverything(),
      serviceAccountName: "calico-node",
      terminationGracePeriodSeconds: 0,
      priorityClassName: "system-node-critical",
      initContainers: [startUp(config), installCni(config)],
      containers: [calicoNode(config)],
      volumes: hostPaths.map(({ name, ...hostPath }) => ({ name, hostPath })),
    },
  });
}

/**
 * What calico-node does first anyway: node name, address, pools. Before the CNI configuration is there, because with that
 * the node is Ready and pods come; each that fails for want of these is tried again only after 10 to 15 s.
 */
function startUp(config: CalicoConfig): object {
  return {
    name: "start-up",
    image: imageUri(config, "calico.node"),
    imagePullPolicy: config.spec.images.default_pull_policy,
    terminationMessagePolicy: "FallbackToLogsOnError",
    command: ["/bin/calico-node", "-startup"],
    envFrom,
    env: calicoNodeEnvironment(config),
    volumeMounts: [{ name: "var-lib-calico", mountPath: "/var/lib/calico" }],
    securityContext: { privileged: true },
  };
}

function installCni(config: CalicoConfig): object {
  return {
    name: "install-cni",
    image: imageUri(config, "calico.cni"),
    imagePullPolicy: config.spec.images.default_pull_policy,
    terminationMessagePolicy: "FallbackToLogsOnError",
    command: ["/opt/cni/bin/install"],
    envFrom,
    env: [
      { name: "CNI_CONF_NAME", value: "10-calico.conflist" },
      { name: "CNI_NETWORK_CONFIG", value: calicoCniConfig(config) },
      { name: "KUBERNETES_NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
      { name: "SLEEP", value: "false" },
    ],
    volumeMounts: [
      { name: "cni-bin-dir", mountPath: "/host/opt/cni/bin" },
      { name: "cni-net-dir", mountPath: "/host/etc/cni/net.d" },
    ],
    securityContext: { privileged: true },
  };
}

function calicoNode(config: CalicoConfig): object {
  return {
    name: "calico-node",
    image: imageUri(config, "calico.node"),
    imagePullPolicy: config.spec.images.default_pull_policy,
    terminationMessagePolicy: "FallbackToLogsOnError",
    envFrom,
    env: calicoNodeEnvironment(config),
    securityContext: { privileged: true },
    resources: { requests: { cpu: "250m" } },
    lifecycle: { preStop: { exec: { command: ["/bin/calico-node", "-shutdown"] } } },
    livenessProbe: { ...felix("/liveness"), periodSeconds: 10, initialDelaySeconds: 10, failureThreshold: 6 },
    // Often, because a node's pods wait for it; a request to Felix costs next to nothing.
    readinessProbe: { ...felix("/readiness"), periodSeconds: 2, failureThreshold: 5 },
    volumeMounts: [
      { name: "cni-net-dir", mountPath: "/host/etc/cni/net.d" },
      { name: "lib-modules", mountPath: "/lib/modules", readOnly: true },
      { name: "xtables-lock", mountPath: "/run/xtables.lock" },
      { name: "var-run-calico", mountPath: "/var/run/calico" },
      { name: "var-lib-calico", mountPath: "/var/lib/calico" },
      { name: "policysync", mountPath: "/var/run/nodeagent" },
      { name: "cni-log-dir", mountPath: "/var/log/calico/cni", readOnly: true },
    ],
  };
}

function felix(path: string): object {
  return { httpGet: { host: "127.0.0.1", port: felixHealthPort, path }, timeoutSeconds: 10 };
}
