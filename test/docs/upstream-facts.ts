// What upstream k0s 1.37 takes by default, writes and listens on, as data: what docs/compatibility.md compares ours with.
// Upstream: pkg/apis/k0s/v1beta1, pkg/config/cfgvars.go, pkg/constant.

/** Fields below `spec` whose default is a value of their own, as docs/configuration.md writes it. */
export const upstreamDefaults: Readonly<Record<string, string>> = {
  "api.onlyBindToAddress": "false",
  "api.k0sApiPort": "9443",
  "api.port": "6443",
  "api.ca.expiresAfter": '"87600h0m0s"',
  "api.ca.certificatesExpireAfter": '"8760h0m0s"',
  "storage.type": '"etcd"',
  "storage.etcd.ca.expiresAfter": '"87600h0m0s"',
  "storage.etcd.ca.certificatesExpireAfter": '"8760h0m0s"',
  "storage.kine.dataSource": '"sqlite://file:/var/lib/k0s/db/state.db?mode=rwc&_journal=WAL"',
  "network.provider": '"kuberouter"',
  "network.podCIDR": '"10.244.0.0/16"',
  "network.serviceCIDR": '"10.96.0.0/12"',
  "network.clusterDomain": '"cluster.local"',
  "network.dualStack.enabled": "false",
  "network.kubeProxy.disabled": "false",
  "network.kubeProxy.mode": '"iptables"',
  "network.kubeProxy.metricsBindAddress": '"0.0.0.0:10249"',
  "network.kubeProxy.healthzBindAddress": '"0.0.0.0:10256"',
  "network.kuberouter.autoMTU": "true",
  "network.kuberouter.mtu": "0",
  "network.kuberouter.metricsPort": "8080",
  "network.kuberouter.hairpin": '"Enabled"',
  "network.kuberouter.ipMasq": "false",
  "network.calico.mode": '"vxlan"',
  "network.calico.vxlanPort": "4789",
  "network.calico.vxlanVNI": "4096",
  "network.calico.mtu": "1450",
  "network.calico.overlay": '"Always"',
  "network.calico.wireguard": "false",
  "network.nodeLocalLoadBalancing.enabled": "false",
  "network.nodeLocalLoadBalancing.type": '"EnvoyProxy"',
  "network.nodeLocalLoadBalancing.envoyProxy.apiServerBindPort": "7443",
  "network.nodeLocalLoadBalancing.envoyProxy.konnectivityServerBindPort": "7132",
  "network.controlPlaneLoadBalancing.enabled": "false",
  "network.controlPlaneLoadBalancing.type": '"Keepalived"',
  "network.controlPlaneLoadBalancing.keepalived.vrrpInstances[].advertIntervalSeconds": "1",
  "network.controlPlaneLoadBalancing.keepalived.userSpaceProxyBindPort": "6444",
  "network.controlPlaneLoadBalancing.keepalived.disableLoadBalancer": "false",
  "images.default_pull_policy": '"IfNotPresent"',
  "telemetry.enabled": "false",
  "installConfig.users.etcdUser": '"etcd"',
  "installConfig.users.kineUser": '"kube-apiserver"',
  "installConfig.users.konnectivityUser": '"konnectivity-server"',
  "installConfig.users.kubeAPIserverUser": '"kube-apiserver"',
  "installConfig.users.kubeSchedulerUser": '"kube-scheduler"',
  "konnectivity.agentPort": "8132",
  "konnectivity.adminPort": "8133",
  "extensions.helm.concurrencyLevel": "5",
};

export const upstreamDataDirEntries: readonly string[] = [
  "bin",
  "containerd",
  "db",
  "etcd",
  "helmhome",
  "images",
  "konnectivity.conf",
  "kubelet",
  "kubelet-bootstrap.conf",
  "kubelet.conf",
  "manifests",
  "pki",
  "run",
  "worker-profile.yaml",
];

export const upstreamUsers: readonly string[] = [
  "etcd",
  "kube-apiserver",
  "kube-scheduler",
  "konnectivity-server",
];

/** TCP, of what k0s itself runs. */
export const upstreamPorts: readonly number[] = [
  2379, 2380, 6443, 6444, 7132, 7443, 8080, 8092, 8132, 8133, 9099, 9443, 10248, 10249, 10250, 10256, 10257,
  10258, 10259, 20244,
];

/** Labels and annotations, without those of the parts that are not here yet. */
export const upstreamKeys: readonly string[] = [
  "helm.k0sproject.io/uninstall-helm-release",
  "k0s.k0sproject.io/controller-lease",
  "k0s.k0sproject.io/shutdown",
  "k0s.k0sproject.io/shutdown-on-leave",
  "k0s.k0sproject.io/stack",
  "k0s.k0sproject.io/stack-checksum",
  "k0s.k0sproject.io/worker-profile",
  "k0sproject.io/config-hash",
  "k0sproject.io/node-ip-external",
  "node.k0sproject.io/role",
];
