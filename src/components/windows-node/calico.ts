// Calico on nodes with Windows: Felix and the start of the node as processes of the host, from Calico's own images.
// Upstream: static/manifests/calico/DaemonSet/calico-node-windows.yaml, static/manifests/calico/IPAMConfig/default.yaml.

import type { ClusterFields } from "../../config/changing-fields.ts";
import { dnsAddress, externalApiEnvironment, serviceCidrs } from "../../config/derived.ts";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import { imageUri } from "../../config/images.ts";
import type { KubeObject } from "../../kube/types.ts";
import { cidrFamily } from "../../std/cidr.ts";
import { windowsDaemonSets } from "./declaration.ts";
import { environment, hostProcessPod, imageRoot } from "./host-process.ts";
import { systemDaemonSet } from "../../kube/objects/workload.ts";

export type WindowsCalicoConfig = NodeConfig & ClusterFields<"images" | "network.calico">;

const name = windowsDaemonSets.calico;
const labels = { "k8s-app": name };
const calicoDir = `${imageRoot}/CalicoWindows`;

const hostPaths = [
  { name: "cni-bin-dir", path: "/opt/cni/bin", mountPath: "/host/opt/cni/bin" },
  { name: "cni-net-dir", path: "/etc/cni/net.d", mountPath: "/host/etc/cni/net.d" },
  { name: "cni-log-dir", path: "/var/log/calico/cni", mountPath: "/var/log/calico/cni" },
  { name: "var-lib-calico", path: "/var/lib/calico", mountPath: "/var/lib/calico" },
  { name: "var-run-calico", path: "/var/run/calico", mountPath: "/var/run/calico" },
] as const;

type HostPath = (typeof hostPaths)[number]["name"];

export function calicoForWindows(config: WindowsCalicoConfig): KubeObject[] {
  return [ipamConfig(), daemonSet(config)];
}

/** Windows routes to blocks of addresses: one that lies in the block of another node it does not reach. */
function ipamConfig(): KubeObject {
  return {
    apiVersion: "crd.projectcalico.org/v1",
    kind: "IPAMConfig",
    metadata: { name: "default" },
    spec: { strictAffinity: true, autoAllocateBlocks: true },
  };
}

function daemonSet(config: WindowsCalicoConfig): KubeObject {
  return systemDaemonSet({
    name,
    labels,
    annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9091" },
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
    pod: {
      ...hostProcessPod("calico-node"),
      terminationGracePeriodSeconds: 5,
      initContainers: [uninstall(config), installCni(config)],
      containers: [felix(config), node(config)],
      volumes: hostPaths.map(({ name: volume, path }) => ({
        name: volume,
        hostPath: { path, type: "DirectoryOrCreate" },
      })),
    },
  });
}

/** Takes away what another way of installation has left. */
function uninstall(config: WindowsCalicoConfig): object {
  return {
    name: "uninstall-calico",
    ...image(config, "calico.windows.node"),
    args: [`${imageRoot}/uninstall-calico.ps1`],
    env: environment(cniFiles, "NODENAME"),
    ...mounts("cni-bin-dir", "cni-net-dir"),
  };
}

const cniFiles = {
  CNI_BIN_DIR: "/host/opt/cni/bin",
  CNI_CONF_NAME: "10-calico.conflist",
  CNI_NET_DIR: "/etc/cni/net.d",
  SLEEP: "false",
};

/** Calico's installer has the configuration for Windows itself, and fills these in. */
function installCni(config: WindowsCalicoConfig): object {
  const { mtu, vxlanVNI } = config.spec.network.calico;
  const values = {
    ...cniFiles,
    ...externalApiEnvironment(config),
    KUBERNETES_DNS_SERVERS: dnsAddress(config),
    KUBERNETES_SERVICE_CIDRS: serviceCidrs(config)
      .filter((cidr) => cidrFamily(cidr) === 4)
      .join(),
    CNI_MTU: String(mtu),
    VXLAN_VNI: String(vxlanVNI),
  };
  return {
    name: "install-cni",
    ...image(config, "calico.windows.cni"),
    command: [`${imageRoot}/opt/cni/bin/install.exe`],
    env: environment(values, "KUBERNETES_NODE_NAME"),
    ...mounts("cni-bin-dir", "cni-net-dir"),
  };
}

function felix(config: WindowsCalicoConfig): object {
  const { mtu, vxlanPort, vxlanVNI } = config.spec.network.calico;
  const values = {
    ...nodeValues(config),
    FELIX_VXLANPORT: String(vxlanPort),
    FELIX_VXLANVNI: String(vxlanVNI),
    FELIX_VXLANMTU: String(mtu),
  };
  const program = (flag: string) => ({ exec: { command: [`${calicoDir}/calico-node.exe`, flag] } });
  return {
    ...script(config, "felix", values),
    lifecycle: { preStop: program("-shutdown") },
    readinessProbe: { ...program("-felix-ready"), timeoutSeconds: 10 },
    livenessProbe: {
      ...program("-felix-live"),
      failureThreshold: 6,
      initialDelaySeconds: 10,
      timeoutSeconds: 10,
    },
  };
}

function node(config: WindowsCalicoConfig): object {
  return script(config, "node", {
    ...nodeValues(config),
    // It renews the CNI plug-in's token, and needs to know for which namespace.
    CALICO_MANAGE_CNI: "true",
    NAMESPACE: "kube-system",
  });
}

function script(
  config: WindowsCalicoConfig,
  part: "felix" | "node",
  values: Readonly<Record<string, string>>,
): object {
  return {
    name: part,
    ...image(config, "calico.windows.node"),
    args: [`${calicoDir}/${part}-service.ps1`],
    workingDir: `${calicoDir}/`,
    env: environment(values, "NODENAME"),
    ...mounts("cni-log-dir", "cni-net-dir", "var-lib-calico", "var-run-calico"),
  };
}

function nodeValues(config: WindowsCalicoConfig): Record<string, string> {
  const { ipAutodetectionMethod, vxlanVNI } = config.spec.network.calico;
  return {
    DATASTORE_TYPE: "kubernetes",
    WAIT_FOR_DATASTORE: "true",
    CALICO_NETWORKING_BACKEND: "vxlan",
    CLUSTER_TYPE: "k8s,windows",
    ...externalApiEnvironment(config),
    FELIX_DEFAULTENDPOINTTOHOSTACTION: "ACCEPT",
    FELIX_HEALTHENABLED: "true",
    FELIX_IPV6SUPPORT: "false",
    // A pattern: of the pods' networks on the host.
    KUBE_NETWORK: "Calico.*",
    // Both scripts hand it on under Felix's name.
    VXLAN_VNI: String(vxlanVNI),
    IP: "autodetect",
    IP6: "none",
    ...(ipAutodetectionMethod === undefined ? {} : { IP_AUTODETECTION_METHOD: ipAutodetectionMethod }),
  };
}

function image(
  config: WindowsCalicoConfig,
  key: "calico.windows.cni" | "calico.windows.node",
): { image: string; imagePullPolicy: string } {
  return { image: imageUri(config, key), imagePullPolicy: config.spec.images.default_pull_policy };
}

function mounts(...names: HostPath[]): { volumeMounts: object[] } {
  return {
    volumeMounts: hostPaths
      .filter((path) => names.includes(path.name))
      .map(({ name: volume, mountPath }) => ({ name: volume, mountPath })),
  };
}
