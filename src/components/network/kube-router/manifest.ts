// The stack `kuberouter`: routes by BGP and network policies; services stay with kube-proxy.
// Upstream: pkg/component/controller/kuberouter.go.

import {
  namesOneController,
  nodeApiEnvironment,
  podCidrs,
  primaryAddressFamily,
  serviceCidrs,
} from "../../../config/derived.ts";
import { imageUri } from "../../../config/images.ts";
import { kubeRouterHealthPort } from "../declaration.ts";
import type { KubeObject } from "../../../kube/types.ts";
import { textHash } from "../../../std/kubernetes-names.ts";
import { cidrFamily } from "../../../std/cidr.ts";
import {
  clusterRole,
  clusterRoleBinding,
  type PolicyRule,
  serviceAccount,
} from "../../../kube/objects/rbac.ts";
import { cniNetworks } from "../cni-networks.ts";
import { bridge } from "./traces.ts";
import type { KubeRouterConfig } from "../config.ts";
import { systemDaemonSet, tolerateEverything } from "../../../kube/objects/workload.ts";

const name = "kube-router";
const labels = { "k8s-app": name, tier: "node" };
const confName = "10-kuberouter.conflist";
/** Where kube-router completes the CNI configuration before containerd may see it. */
const draftDir = "/run/kube-router";

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

/**
 * kube-router adds the node's pod network to a copy of its own. After a boot its rules are gone, so the configuration of
 * the boot before must not make the node ready.
 */
const draftConf = `set -e
cp /etc/kube-router/cni-conf.json ${draftDir}/${confName}
if [ ! -e /sys/class/net/kube-bridge ]; then rm -f /etc/cni/net.d/${confName}; fi
`;

/**
 * A node with a CNI configuration is Ready, and pods come: one that starts before kube-router knows the pod network fails
 * ("no IP ranges specified") and is tried again only after 10 to 15 s; one that starts before the rules of its network are
 * there keeps connections that nobody answers. The bridge is what kube-router makes right after these rules.
 */
const publishConf = `set -e
tries=0
until grep -q '"subnet"' ${draftDir}/${confName} && [ -e /sys/class/net/kube-bridge ]; do
  tries=$((tries + 1))
  if [ $tries -gt 1200 ]; then echo "kube-router has not set up the pod network within two minutes"; exit 1; fi
  sleep 0.1
done
cp ${draftDir}/${confName} /etc/cni/net.d/.tmp-kuberouter-cfg
mv /etc/cni/net.d/.tmp-kuberouter-cfg /etc/cni/net.d/${confName}
`;

/**
 * A connection to the Service that begins before kube-proxy knows it goes out unchanged, and so do all packets that are sent again;
 * Go gives it up after 30 s only, and no pod starts before. So kube-router begins when a connection comes about. The image of an
 * earlier k0s, which a worker has that is not upgraded yet, or of an operator may lack `nc`: it begins at once there. `-w` ends
 * when there is a connection, and a server that is frozen keeps one: `timeout` ends that, where the image has it.
 */
const awaitService = `tries=0
limit=
if command -v timeout >/dev/null; then limit="timeout 3"; fi
until ! command -v nc >/dev/null || $limit nc -w 1 "$KUBERNETES_SERVICE_HOST" "$KUBERNETES_SERVICE_PORT" </dev/null >/dev/null; do
  tries=$((tries + 1))
  if [ $tries -gt 300 ]; then echo "the API does not answer at its Service: does kube-proxy run?"; exit 1; fi
  sleep 0.2
done
`;

/** `proxied`: nodes run kube-proxy, unless the configuration says otherwise. */
export function kubeRouterObjects(
  config: KubeRouterConfig,
  { proxied }: { readonly proxied: boolean },
): KubeObject[] {
  const byService = proxied && !config.spec.network.kubeProxy.disabled && namesOneController(config);
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
    daemonSet(config, byService),
  ];
}

function cniConfig(config: KubeRouterConfig): string {
  const { autoMTU, mtu, hairpin, ipMasq } = config.spec.network.kuberouter;
  const plugin = {
    name: "kubernetes",
    type: "bridge",
    bridge,
    isDefaultGateway: true,
    ...(autoMTU ? {} : { mtu }),
    hairpinMode: hairpin !== "Disabled",
    ipMasq,
    ipam: { type: "host-local" },
  };
  const portmap = { type: "portmap", capabilities: { snat: true, portMappings: true } };
  return JSON.stringify({ cniVersion: "0.3.0", name: cniNetworks.kuberouter, plugins: [plugin, portmap] });
}

export function kubeRouterArgs(config: KubeRouterConfig): string[] {
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

/** `byService`: it follows the controllers as kube-proxy does, and no leader writes another address. */
function daemonSet(config: KubeRouterConfig, byService: boolean): KubeObject {
  const { metricsPort } = config.spec.network.kuberouter;
  const scrape = { "prometheus.io/scrape": "true", "prometheus.io/port": String(metricsPort) };
  return systemDaemonSet({
    name,
    labels,
    annotations: {
      // kube-router completes the CNI configuration at its start only.
      "k0s.k0sproject.io/cni-config": textHash(cniConfig(config)),
      ...(metricsPort > 0 ? scrape : {}),
    },
    pod: {
      priorityClassName: "system-node-critical",
      serviceAccountName: name,
      nodeSelector: { "kubernetes.io/os": "linux" },
      hostNetwork: true,
      hostPID: true,
      tolerations: tolerateEverything(),
      initContainers: initContainers(config, byService),
      containers: [container(config, byService)],
      volumes: [
        { name: "lib-modules", hostPath: { path: "/lib/modules" } },
        { name: "cni-conf-dir", hostPath: { path: "/etc/cni/net.d" } },
        { name: "cni-conf-draft", emptyDir: {} },
        { name: "cni-bin", hostPath: { path: "/opt/cni/bin", type: "DirectoryOrCreate" } },
        { name: "kube-router-cfg", configMap: { name: "kube-router-cfg" } },
        { name: "xtables-lock", hostPath: { path: "/run/xtables.lock", type: "FileOrCreate" } },
      ],
    },
  });
}

function initContainers(config: KubeRouterConfig, byService: boolean): object[] {
  const imagePullPolicy = config.spec.images.default_pull_policy;
  return [
    {
      name: "install-cni-bins",
      image: imageUri(config, "kuberouter.cniInstaller"),
      imagePullPolicy,
      terminationMessagePolicy: "FallbackToLogsOnError",
      args: ["install"],
      volumeMounts: [{ name: "cni-bin", mountPath: "/host/opt/cni/bin" }],
    },
    {
      name: "install-cniconf",
      image: imageUri(config, "kuberouter.cni"),
      imagePullPolicy,
      terminationMessagePolicy: "FallbackToLogsOnError",
      command: ["/bin/sh", "-c", byService ? draftConf + awaitService : draftConf],
      volumeMounts: [
        { name: "cni-conf-dir", mountPath: "/etc/cni/net.d" },
        { name: "cni-conf-draft", mountPath: draftDir },
        { name: "kube-router-cfg", mountPath: "/etc/kube-router" },
      ],
    },
  ];
}

function container(config: KubeRouterConfig, byService: boolean): object {
  const api = byService ? [] : Object.entries(nodeApiEnvironment(config));
  return {
    name,
    image: imageUri(config, "kuberouter.cni"),
    imagePullPolicy: config.spec.images.default_pull_policy,
    terminationMessagePolicy: "FallbackToLogsOnError",
    args: kubeRouterArgs(config),
    env: [
      { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "KUBE_ROUTER_CNI_CONF_FILE", value: `${draftDir}/${confName}` },
      ...api.map(([variable, value]) => ({ name: variable, value })),
    ],
    lifecycle: { postStart: { exec: { command: ["/bin/sh", "-c", publishConf] } } },
    livenessProbe: {
      httpGet: { path: "/healthz", port: kubeRouterHealthPort },
      initialDelaySeconds: 300,
      periodSeconds: 3,
    },
    // Upstream waits for three successes three seconds apart.
    readinessProbe: {
      httpGet: { path: "/healthz", port: kubeRouterHealthPort },
      periodSeconds: 2,
      failureThreshold: 5,
    },
    resources: { requests: { cpu: "250m", memory: "16Mi" } },
    securityContext: { privileged: true },
    volumeMounts: [
      { name: "lib-modules", mountPath: "/lib/modules", readOnly: true },
      { name: "cni-conf-dir", mountPath: "/etc/cni/net.d" },
      { name: "cni-conf-draft", mountPath: draftDir },
      { name: "xtables-lock", mountPath: "/run/xtables.lock" },
    ],
  };
}
