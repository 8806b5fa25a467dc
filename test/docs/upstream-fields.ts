// Every field of upstream k0s 1.37 below `spec` of its ClusterConfig, as docs/configuration.md writes paths.
// Upstream: pkg/apis/k0s/v1beta1.

/** Paths of the fields of a section, which are given in words. */
const below = (section: string, fields: string): readonly string[] =>
  fields.split(" ").map((field) => `${section}.${field}`);

const patches = "target.kind target.name target.namespace patch.type patch.content";
const lifetimes = "ca.expiresAfter ca.certificatesExpireAfter";
const balancer = "image.image image.version imagePullPolicy apiServerBindPort konnectivityServerBindPort";
const images =
  "konnectivity pushgateway metricsserver kubeproxy coredns pause windows.kubeproxy windows.pause calico.cni calico.node calico.kubecontrollers calico.windows.cni calico.windows.node kuberouter.cni kuberouter.cniInstaller";

const kubeProxy = "network.kubeProxy";
const keepalived = "network.controlPlaneLoadBalancing.keepalived";

export const upstreamFields: readonly string[] = [
  below(
    "api",
    `address onlyBindToAddress externalAddress k0sApiPort port sans extraArgs rawArgs ${lifetimes}`,
  ),
  below("controllerManager", "extraArgs rawArgs"),
  below("scheduler", "extraArgs rawArgs"),
  below("storage", "type"),
  below("storage.etcd", `peerAddress extraArgs rawArgs ${lifetimes}`),
  below("storage.etcd.externalCluster", "endpoints etcdPrefix caFile clientCertFile clientKeyFile"),
  below("storage.kine", "dataSource extraArgs rawArgs"),
  below("network", "provider podCIDR serviceCIDR clusterDomain primaryAddressFamily"),
  below("network.dualStack", "enabled IPv6podCIDR IPv6serviceCIDR"),
  below(kubeProxy, "disabled mode metricsBindAddress healthzBindAddress nodePortAddresses extraArgs rawArgs"),
  below(`${kubeProxy}.iptables`, "masqueradeBit masqueradeAll localhostNodePorts syncPeriod minSyncPeriod"),
  below(`${kubeProxy}.ipvs`, "syncPeriod minSyncPeriod scheduler excludeCIDRs strictARP"),
  below(`${kubeProxy}.ipvs`, "tcpTimeout tcpFinTimeout udpTimeout"),
  below(`${kubeProxy}.nftables`, "masqueradeBit masqueradeAll syncPeriod minSyncPeriod"),
  below("network.kuberouter", "autoMTU mtu metricsPort hairpin hairpinMode ipMasq"),
  below("network.kuberouter", "peerRouterASNs peerRouterIPs extraArgs rawArgs"),
  below("network.calico", "mode vxlanPort vxlanVNI mtu overlay wireguard flexVolumeDriverPath"),
  below("network.calico", "ipAutodetectionMethod ipV6AutodetectionMethod envVars"),
  below("network.nodeLocalLoadBalancing", "enabled type"),
  below("network.nodeLocalLoadBalancing.envoyProxy", balancer),
  below("network.nodeLocalLoadBalancing.traefik", balancer),
  below("network.controlPlaneLoadBalancing", "enabled type"),
  below(`${keepalived}.vrrpInstances[]`, "virtualIPs interface virtualRouterID advertIntervalSeconds"),
  below(`${keepalived}.vrrpInstances[]`, "authPass unicastPeers unicastSourceIP addressLabel"),
  below(`${keepalived}.virtualServers[]`, "ipAddress delayLoop lbAlgo lbKind persistenceTimeoutSeconds"),
  below(keepalived, "userSpaceProxyBindPort disableLoadBalancer configTemplateVRRP configTemplateVS"),
  images.split(" ").flatMap((name) => below(`images.${name}`, "image version")),
  below("images", "repository default_pull_policy"),
  below("workerProfiles[]", "name values"),
  below("telemetry", "enabled"),
  below("installConfig.users", "etcdUser kineUser konnectivityUser kubeAPIserverUser kubeSchedulerUser"),
  below("konnectivity", "agentPort adminPort externalAddress"),
  below("featureGates[]", "name enabled components"),
  below("extensions", "storage helm.concurrencyLevel"),
  below("extensions.helm.repositories[]", "name url insecure caFile certFile keyfile username password"),
  below("extensions.helm.charts[]", "name chartname version values namespace timeout forceUpgrade order"),
  below("metricsServer.patches[]", patches),
  ["coreDNS", "kubeProxy", "kuberouter", "calico"].flatMap((name) =>
    below(`network.${name}.patches[]`, patches),
  ),
].flat();
