// kube-proxy of nodes with Windows: a DaemonSet, as upstream's, though it is a process of Linux workers (docs/adr/0010). Its image
// has the script that waits for Calico's network and finds the address for it.
// Upstream: static/manifests/windows/DaemonSet/kube-proxy-windows.yaml.

import { createHash } from "node:crypto";
import type { ClusterFields } from "../../config/changing-fields.ts";
import { type NodeApiConfig, nodeApiUrl } from "../../config/derived.ts";
import { imageUri } from "../../config/images.ts";
import { clusterRoleBinding, serviceAccount } from "../../kube/objects/rbac.ts";
import type { KubeObject } from "../../kube/types.ts";
import { dumpYaml } from "../../std/yaml.ts";
import { windowsDaemonSets } from "./declaration.ts";
import { environment, hostProcessPod, imageRoot } from "./host-process.ts";
import { systemDaemonSet } from "../../kube/objects/workload.ts";

export type WindowsProxyConfig = NodeApiConfig & ClusterFields<"images" | "network.kubeProxy">;

const name = windowsDaemonSets.kubeProxy;
const account = "kube-proxy";
const configMap = "kube-proxy";
const labels = { "k8s-app": name };
/** Where the image's script expects it. */
const mountPath = "/var/lib/kube-proxy";
const accountDir = "/var/run/secrets/kubernetes.io/serviceaccount";

export function kubeProxyForWindows(config: WindowsProxyConfig): KubeObject[] {
  // Not through the service network, which is there only once kube-proxy is.
  const kubeconfig = proxyKubeconfig(nodeApiUrl(config));
  return [
    serviceAccount(account),
    clusterRoleBinding("node-proxier", "system:node-proxier", [
      { kind: "ServiceAccount", name: account, namespace: "kube-system" },
    ]),
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: configMap, namespace: "kube-system", labels: { "k8s-app": account } },
      data: { "kubeconfig.conf": kubeconfig },
    },
    daemonSet(config, createHash("sha256").update(kubeconfig).digest("base64url")),
  ];
}

function daemonSet(config: WindowsProxyConfig, configHash: string): KubeObject {
  return systemDaemonSet({
    name,
    labels,
    annotations: { "k0sproject.io/config-hash": configHash },
    updateStrategy: { type: "RollingUpdate" },
    pod: {
      ...hostProcessPod(account),
      containers: [
        {
          name: "kube-proxy",
          image: imageUri(config, "windows.kubeproxy"),
          imagePullPolicy: config.spec.images.default_pull_policy,
          args: [`${imageRoot}/kube-proxy/start.ps1`],
          workingDir: `${imageRoot}/kube-proxy/`,
          env: [
            ...environment({}, "NODENAME"),
            { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
          ],
          volumeMounts: [{ name: "kube-proxy", mountPath }],
        },
      ],
      volumes: [{ name: "kube-proxy", configMap: { name: configMap } }],
    },
  });
}

function proxyKubeconfig(server: string): string {
  return dumpYaml({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "local", cluster: { server, "certificate-authority": `${accountDir}/ca.crt` } }],
    contexts: [{ name: "default", context: { cluster: "local", namespace: "default", user: "user" } }],
    "current-context": "default",
    users: [{ name: "user", user: { tokenFile: `${accountDir}/token` } }],
  });
}
