// A cache of names on each node (spec.network.nodeLocalDNS): CoreDNS itself, on an address that each node has for itself. It asks the
// cluster's DNS by TCP, so that what users configure there counts here too. docs/adr/0077

import type { ClusterFields } from "../../config/changing-fields.ts";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import { dnsAddress, nodeLocalDnsAddress } from "../../config/derived.ts";
import { imageUri } from "../../config/images.ts";
import type { KubeObject } from "../../kube/types.ts";
import { ipFamily, joinHostPort } from "../../std/ip.ts";
import { nodeLocalDnsHealthPort } from "./declaration.ts";
import { systemDaemonSet, tolerateEverything } from "../../kube/objects/workload.ts";

export type NodeLocalConfig = NodeConfig & ClusterFields<"images" | "network.nodeLocalDNS">;

const name = "node-local-dns";
const labels = { "k8s-app": name };
/** Nothing while it is off. */
export function nodeLocalDns(config: NodeLocalConfig): KubeObject[] {
  const address = nodeLocalDnsAddress(config);
  if (address === undefined) return [];
  const data = { Corefile: corefile(address, dnsAddress(config)) };
  return [
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "kube-system", labels }, data },
    daemonSet(config, address),
  ];
}

function corefile(address: string, clusterDns: string): string {
  return `.:53 {
    errors
    bind ${address}
    health ${joinHostPort(address, nodeLocalDnsHealthPort)}
    forward . ${clusterDns} {
      force_tcp
    }
    cache 30
    loop
    reload
}
`;
}

function daemonSet(config: NodeLocalConfig, address: string): KubeObject {
  return systemDaemonSet({
    name,
    labels,
    // Two of them share the port, so that the old one ends when the new one answers.
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    pod: {
      priorityClassName: "system-node-critical",
      nodeSelector: { "kubernetes.io/os": "linux" },
      hostNetwork: true,
      // Its own names are those of the host.
      dnsPolicy: "Default",
      automountServiceAccountToken: false,
      tolerations: tolerateEverything(),
      initContainers: [addressMaker(config, address)],
      containers: [cache(config, address)],
      volumes: [{ name: "config-volume", configMap: { name } }],
    },
  });
}

/**
 * `ip` of the images of the network, which are on every node already. The address lies on loopback: to make a link of its own takes
 * two commands that cannot be repeated, and these images have no shell.
 */
function addressMaker(config: NodeLocalConfig, address: string): object {
  const image = config.spec.network.provider === "kuberouter" ? "kuberouter.cni" : "calico.node";
  return {
    name: "address",
    image: imageUri(config, image),
    imagePullPolicy: config.spec.images.default_pull_policy,
    terminationMessagePolicy: "FallbackToLogsOnError",
    command: [
      "/bin/ip",
      "address",
      "replace",
      `${address}/${ipFamily(address) === 6 ? 128 : 32}`,
      "dev",
      "lo",
    ],
    securityContext: {
      runAsUser: 0,
      allowPrivilegeEscalation: false,
      capabilities: { add: ["NET_ADMIN"], drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
  };
}

function cache(config: NodeLocalConfig, address: string): object {
  const health = { httpGet: { host: address, path: "/health", port: nodeLocalDnsHealthPort } };
  return {
    name,
    image: imageUri(config, "coredns"),
    imagePullPolicy: config.spec.images.default_pull_policy,
    terminationMessagePolicy: "FallbackToLogsOnError",
    args: ["-conf", "/etc/node-local-dns/Corefile"],
    resources: { requests: { cpu: "25m", memory: "5Mi" } },
    volumeMounts: [{ name: "config-volume", mountPath: "/etc/node-local-dns", readOnly: true }],
    // The port is the host's, where a capability alone does not reach a process that is not root.
    securityContext: {
      runAsUser: 0,
      allowPrivilegeEscalation: false,
      capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
    livenessProbe: { ...health, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 5 },
    readinessProbe: { ...health, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 5 },
  };
}
