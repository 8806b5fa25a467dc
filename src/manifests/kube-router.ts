// The stack `kuberouter`: routes by BGP and network policies; services stay with kube-proxy. Reference §8.7, running-here.md §7.

import type { ClusterConfig } from "../config/cluster-config.ts";
import { podCidrs, primaryAddressFamily, serviceCidrs } from "../config/derived.ts";
import { imageUri } from "../config/images.ts";
import type { KubeObject } from "../kube/types.ts";
import { cidrFamily } from "../std/cidr.ts";
import { clusterRole, clusterRoleBinding, type PolicyRule, serviceAccount } from "./rbac.ts";

const name = "kube-router";
const labels = { "k8s-app": name, tier: "node" };
const confFile = "/etc/cni/net.d/10-kuberouter.conflist";

const rules: readonly PolicyRule[] = [
  {
    apiGroups: [""],
    resources: ["namespaces", "pods", "services", "nodes", "endpoints"],
    verbs: ["list", "get", "watch"],
  },
  { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: ["list", "get", "watch"] },
  { apiGroups: ["extensions"], resources: ["networkpolicies"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "update"] },
  { apiGroups: [""], resources: ["services/status"], verbs: ["update"] },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
];

/** The CNI configuration is copied only where there is none: kube-router adds the node's pod network to it. */
const installConf = `set -e -x
if [ ! -f ${confFile} ]; then
  rm -f /etc/cni/net.d/*.conf
  cp /etc/kube-router/cni-conf.json /etc/cni/net.d/.tmp-kuberouter-cfg
  mv /etc/cni/net.d/.tmp-kuberouter-cfg ${confFile}
fi
`;

export function kubeRouterObjects(config: ClusterConfig): KubeObject[] {
  return [
    serviceAccount(name),
    clusterRole(name, rules),
    clusterRoleBinding(name, name, [{ kind: "ServiceAccount", name, namespace: "kube-system" }]),
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "kube-router-cfg", namespace: "kube-system", labels },
      data: { "cni-conf.json": cniConfig(config) },
    },
    daemonSet(config),
  ];
}

function cniConfig(config: ClusterConfig): string {
  const { autoMTU, mtu, hairpin, ipMasq } = config.spec.network.kuberouter;
  const bridge = {
    name: "kubernetes",
    type: "bridge",
    bridge: "kube-bridge",
    isDefaultGateway: true,
    ...(autoMTU ? {} : { mtu }),
    hairpinMode: hairpin !== "Disabled",
    ipMasq,
    ipam: { type: "host-local" },
  };
  const portmap = { type: "portmap", capabilities: { snat: true, portMappings: true } };
  return JSON.stringify({ cniVersion: "0.3.0", name: "mynet", plugins: [bridge, portmap] });
}

export function kubeRouterArgs(config: ClusterConfig): string[] {
  const { kuberouter } = config.spec.network;
  const families = podCidrs(config).map(cidrFamily);
  const args: Record<string, string> = {
    "run-router": "true",
    "run-firewall": "true",
    "run-service-proxy": "false",
    "bgp-graceful-restart": "true",
    "enable-ipv4": String(families.includes(4)),
    "enable-ipv6": String(families.includes(6)),
    "auto-mtu": String(kuberouter.autoMTU),
    "metrics-port": String(kuberouter.metricsPort),
    "hairpin-mode": String(kuberouter.hairpin === "Enabled"),
    "service-cluster-ip-range": serviceCidrs(config).join(","),
    ...(primaryAddressFamily(config) === "IPv6" ? { "router-id": "generate" } : {}),
    ...(kuberouter.peerRouterASNs === undefined ? {} : { "peer-router-asns": kuberouter.peerRouterASNs }),
    ...(kuberouter.peerRouterIPs === undefined ? {} : { "peer-router-ips": kuberouter.peerRouterIPs }),
    ...kuberouter.extraArgs,
  };
  return [...Object.entries(args).map(([flag, value]) => `--${flag}=${value}`), ...kuberouter.rawArgs];
}

function daemonSet(config: ClusterConfig): KubeObject {
  const { metricsPort } = config.spec.network.kuberouter;
  const scrape = { "prometheus.io/scrape": "true", "prometheus.io/port": String(metricsPort) };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace: "kube-system", labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, ...(metricsPort > 0 ? { annotations: scrape } : {}) },
        spec: {
          priorityClassName: "system-node-critical",
          serviceAccountName: name,
          nodeSelector: { "kubernetes.io/os": "linux" },
          hostNetwork: true,
          hostPID: true,
          tolerations: [
            { effect: "NoSchedule", operator: "Exists" },
            { key: "CriticalAddonsOnly", operator: "Exists" },
            { effect: "NoExecute", operator: "Exists" },
          ],
          initContainers: initContainers(config),
          containers: [container(config)],
          volumes: [
            { name: "lib-modules", hostPath: { path: "/lib/modules" } },
            { name: "cni-conf-dir", hostPath: { path: "/etc/cni/net.d" } },
            { name: "cni-bin", hostPath: { path: "/opt/cni/bin", type: "DirectoryOrCreate" } },
            { name: "kube-router-cfg", configMap: { name: "kube-router-cfg" } },
            { name: "xtables-lock", hostPath: { path: "/run/xtables.lock", type: "FileOrCreate" } },
          ],
        },
      },
    },
  };
}

function initContainers(config: ClusterConfig): object[] {
  const imagePullPolicy = config.spec.images.default_pull_policy;
  return [
    {
      name: "install-cni-bins",
      image: imageUri(config, "kuberouter.cniInstaller"),
      imagePullPolicy,
      args: ["install"],
      volumeMounts: [{ name: "cni-bin", mountPath: "/host/opt/cni/bin" }],
    },
    {
      name: "install-cniconf",
      image: imageUri(config, "kuberouter.cni"),
      imagePullPolicy,
      command: ["/bin/sh", "-c", installConf],
      volumeMounts: [
        { name: "cni-conf-dir", mountPath: "/etc/cni/net.d" },
        { name: "kube-router-cfg", mountPath: "/etc/kube-router" },
      ],
    },
  ];
}

function container(config: ClusterConfig): object {
  return {
    name,
    image: imageUri(config, "kuberouter.cni"),
    imagePullPolicy: config.spec.images.default_pull_policy,
    args: kubeRouterArgs(config),
    env: [
      { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "KUBE_ROUTER_CNI_CONF_FILE", value: confFile },
    ],
    livenessProbe: {
      httpGet: { path: "/healthz", port: 20_244 },
      initialDelaySeconds: 300,
      periodSeconds: 3,
    },
    // Upstream waits for three successes three seconds apart.
    readinessProbe: { httpGet: { path: "/healthz", port: 20_244 }, periodSeconds: 2, failureThreshold: 5 },
    resources: { requests: { cpu: "250m", memory: "16Mi" } },
    securityContext: { privileged: true },
    volumeMounts: [
      { name: "lib-modules", mountPath: "/lib/modules", readOnly: true },
      { name: "cni-conf-dir", mountPath: "/etc/cni/net.d" },
      { name: "xtables-lock", mountPath: "/run/xtables.lock" },
    ],
  };
}
