// Where each field of k0s.yaml takes effect, and which test fails when it does not. A row for every field; sections that go
// to a program as they are have one for all of theirs. fields-page.test.ts holds the rows against the schema and the files.

export interface FieldEffect {
  /** The file that reads the field, or refuses it. */
  readonly file: string;
  /** The test that sets it. */
  readonly test: string;
  /** All fields below have their effect together, in these words. */
  readonly whole?: string;
  /** Another value than the usual one is refused: the feature is not there, or means nothing here. */
  readonly refused?: true;
  /** Has no effect, and a warning says what is used instead. */
  readonly warned?: true;
  /** Upstream's own files have it, and nothing comes of it there either: why. */
  readonly accepted?: string;
  /** Has no effect yet; the name of the part that is to give it one. None may be left. */
  readonly open?: string;
}

const cases = "src/cli/node/testdata/process-cases.ts";
const components = "src/components";
const refused = (whole?: string): FieldEffect => ({
  file: "src/config/unsupported.ts",
  test: "src/config/unsupported.test.ts",
  refused: true,
  ...(whole === undefined ? {} : { whole }),
});

const warned = (whole?: string): FieldEffect => ({
  file: "src/config/warnings.ts",
  test: "src/config/warnings.test.ts",
  warned: true,
  ...(whole === undefined ? {} : { whole }),
});

const asUpstream = (accepted: string): FieldEffect => ({
  file: "src/config/unsupported.ts",
  test: "src/config/unsupported.test.ts",
  accepted,
});

/** Rows for fields that share file and test. */
function rows(
  section: string,
  file: string,
  test: string,
  fields: readonly string[],
): Readonly<Record<string, FieldEffect>> {
  return Object.fromEntries(fields.map((field) => [`${section}.${field}`, { file, test }]));
}

const args = (section: string, file: string): Readonly<Record<string, FieldEffect>> =>
  rows(section, file, cases, ["extraArgs", "rawArgs"]);

const patches = (file: string): FieldEffect => ({
  file,
  test: `${components}/patched-addons.test.ts`,
  whole: "JSON, MergePatch, StrategicMergePatch",
});

const image: FieldEffect = {
  file: "src/config/images.ts",
  test: "src/config/images.test.ts",
  whole: "name and version",
};
const windowsImage: FieldEffect = {
  file: `${components}/windows-node/images.ts`,
  test: `${components}/windows-node/stack.test.ts`,
  whole: "name and version",
};
const noImage = refused("no component has it");
const kubeRouter = `${components}/network/kube-router/manifest.ts`;
const calicoNode = `${components}/network/calico/node-environment.ts`;
const networkTest = `${components}/network/settings.test.ts`;
const addresses = `${components}/control-plane-address`;
const keepalived = "network.controlPlaneLoadBalancing.keepalived";
const nodeLocal = "network.nodeLocalLoadBalancing";
const helm = `${components}/helm-extensions`;
const securityFlags = `${components}/kube-apiserver/security-flags.ts`;
const apiserverTest = `${components}/kube-apiserver/flags.test.ts`;
const admission = `${components}/kube-apiserver/admission-config.ts`;
const admissionTest = `${components}/kube-apiserver/admission-config.test.ts`;

const nodeLocalKind = (kind: string): Readonly<Record<string, FieldEffect>> => ({
  [`${nodeLocal}.${kind}.image`]: noImage,
  [`${nodeLocal}.${kind}.imagePullPolicy`]: warned(),
  ...rows(
    `${nodeLocal}.${kind}`,
    `${components}/node-local-balancing/plan.ts`,
    `${components}/node-local-balancing/balancer.test.ts`,
    ["apiServerBindPort", "konnectivityServerBindPort"],
  ),
});

/** By the path below `spec`; `[]` after a list. */
export const fieldEffects: Readonly<Record<string, FieldEffect>> = {
  ...rows("api", "src/config/derived.ts", cases, ["externalAddress", "k0sApiPort", "port"]),
  ...rows("api", `${components}/kube-apiserver/flags.ts`, cases, ["address", "onlyBindToAddress"]),
  ...rows("api", "src/config/derived.ts", "src/config/derived.test.ts", ["sans"]),
  ...args("api", `${components}/kube-apiserver/flags.ts`),
  ...rows("api.ca", "src/pki/ensure.ts", "src/pki/ensure.test.ts", [
    "expiresAfter",
    "certificatesExpireAfter",
  ]),
  ...args("controllerManager", `${components}/kube-controller-manager/flags.ts`),
  ...args("scheduler", `${components}/kube-scheduler/flags.ts`),

  "storage.type": { file: "src/config/derived.ts", test: cases },
  ...rows("storage.etcd", `${components}/etcd/flags.ts`, `${components}/etcd/flags.test.ts`, ["peerAddress"]),
  ...args("storage.etcd", `${components}/etcd/flags.ts`),
  ...rows("storage.etcd.ca", "src/pki/ensure.ts", "src/pki/ensure.test.ts", [
    "expiresAfter",
    "certificatesExpireAfter",
  ]),
  ...rows("storage.etcd.externalCluster", `${components}/kube-apiserver/flags.ts`, cases, [
    "endpoints",
    "etcdPrefix",
    "caFile",
    "clientCertFile",
    "clientKeyFile",
  ]),
  "storage.kine.dataSource": { file: `${components}/kine/component.ts`, test: cases },
  ...args("storage.kine", `${components}/kine/flags.ts`),

  "network.provider": { file: `${components}/network/stacks.ts`, test: networkTest },
  ...rows("network", "src/config/derived.ts", cases, ["podCIDR", "serviceCIDR", "primaryAddressFamily"]),
  "network.clusterDomain": {
    file: `${components}/coredns/manifest.ts`,
    test: `${components}/manifests.test.ts`,
  },
  ...rows("network.dualStack", "src/config/derived.ts", cases, ["enabled", "IPv6podCIDR", "IPv6serviceCIDR"]),
  "network.kubeProxy.disabled": { file: `${components}/worker-config/schema.ts`, test: cases },
  "network.kubeProxy.mode": { file: `${components}/kube-proxy/mode.ts`, test: cases },
  ...rows("network.kubeProxy", `${components}/kube-proxy/config.ts`, cases, [
    "metricsBindAddress",
    "healthzBindAddress",
    "nodePortAddresses",
  ]),
  "network.kubeProxy.iptables": {
    file: `${components}/kube-proxy/config.ts`,
    test: cases,
    whole: "of kube-proxy's own file",
  },
  "network.kubeProxy.nftables": {
    file: `${components}/kube-proxy/config.ts`,
    test: cases,
    whole: "of kube-proxy's own file",
  },
  "network.kubeProxy.ipvs": {
    file: `${components}/kube-proxy/config.ts`,
    test: cases,
    whole: "of kube-proxy's own file",
  },
  ...args("network.kubeProxy", `${components}/kube-proxy/config.ts`),
  "network.kubeProxy.patches": {
    file: `${components}/windows-node/stack.ts`,
    test: `${components}/windows-node/stack.test.ts`,
    whole: "of DaemonSet kube-proxy-windows; without other objects, refused",
  },
  ...rows("network.kuberouter", kubeRouter, networkTest, [
    "autoMTU",
    "mtu",
    "metricsPort",
    "hairpin",
    "ipMasq",
    "peerRouterASNs",
    "peerRouterIPs",
    "extraArgs",
    "rawArgs",
  ]),
  "network.kuberouter.hairpinMode": warned(),
  "network.kuberouter.patches": patches(`${components}/network/stacks.ts`),
  "network.calico.mode": refused(),
  "network.calico.wireguard": { file: calicoNode, test: `${components}/network/manifests.test.ts` },
  ...rows("network.nodeLocalDNS", "src/config/derived.ts", `${components}/coredns/node-local.test.ts`, [
    "enabled",
    "address",
  ]),
  ...rows("network.calico", calicoNode, networkTest, [
    "vxlanPort",
    "vxlanVNI",
    "mtu",
    "overlay",
    "ipAutodetectionMethod",
    "ipV6AutodetectionMethod",
    "envVars",
  ]),
  "network.calico.flexVolumeDriverPath": asUpstream("Calico has no FlexVolume driver any more"),
  "network.calico.patches": patches(`${components}/network/stacks.ts`),
  "network.coreDNS.patches": patches(`${components}/coredns/component.ts`),
  ...rows(
    nodeLocal,
    `${components}/node-local-balancing/plan.ts`,
    `${components}/node-local-balancing/balancer.test.ts`,
    ["enabled", "type"],
  ),
  ...nodeLocalKind("envoyProxy"),
  ...nodeLocalKind("traefik"),
  "network.controlPlaneLoadBalancing.enabled": { file: `${addresses}/declaration.ts`, test: cases },
  "network.controlPlaneLoadBalancing.type": {
    file: "src/config/schema/control-plane-load-balancing.ts",
    test: cases,
  },
  ...rows(
    `${keepalived}.vrrpInstances[]`,
    `${addresses}/instance-settings.ts`,
    `${addresses}/instance-settings.test.ts`,
    [
      "virtualIPs",
      "interface",
      "virtualRouterID",
      "advertIntervalSeconds",
      "authPass",
      "unicastPeers",
      "unicastSourceIP",
    ],
  ),
  [`${keepalived}.vrrpInstances[].addressLabel`]: warned(),
  [`${keepalived}.virtualServers`]: refused("k0s itself balances"),
  ...rows(keepalived, `${addresses}/declaration.ts`, "src/roles/folds/ports.test.ts", [
    "userSpaceProxyBindPort",
    "disableLoadBalancer",
  ]),
  [`${keepalived}.configTemplateVRRP`]: refused(),
  [`${keepalived}.configTemplateVS`]: {
    ...refused(),
    test: "test/docs/compatibility.test.ts",
  },

  "images.konnectivity": image,
  "images.metricsserver": image,
  "images.coredns": image,
  "images.pause": image,
  "images.calico.cni": image,
  "images.calico.node": image,
  "images.calico.kubecontrollers": image,
  "images.kuberouter.cni": image,
  "images.kuberouter.cniInstaller": image,
  "images.pushgateway": { ...noImage, test: "test/docs/compatibility.test.ts" },
  "images.kubeproxy": noImage,
  "images.windows": windowsImage,
  "images.calico.windows": windowsImage,
  "images.repository": { file: "src/config/images.ts", test: "src/config/images.test.ts" },
  "images.default_pull_policy": {
    file: `${components}/coredns/manifest.ts`,
    test: "src/roles/pull-policy.test.ts",
  },

  ...rows("workerProfiles[]", `${components}/worker-config/manifest.ts`, cases, ["name", "values"]),
  "telemetry.enabled": asUpstream("nothing is reported to anybody"),
  "installConfig.users": warned("another name has"),
  ...rows("konnectivity", `${components}/konnectivity/server-flags.ts`, cases, ["agentPort", "adminPort"]),
  "konnectivity.externalAddress": { file: "src/config/konnectivity.ts", test: cases },
  ...rows("featureGates[]", "src/config/derived.ts", cases, ["name", "enabled", "components"]),

  "extensions.helm.concurrencyLevel": {
    file: `${helm}/component.ts`,
    test: "test/integration/kube/helm.test.ts",
  },
  ...rows("extensions.helm.repositories[]", `${helm}/access.ts`, `${helm}/access.test.ts`, [
    "url",
    "insecure",
    "caFile",
    "username",
    "password",
  ]),
  ...rows("extensions.helm.repositories[]", "src/config/chart-source.ts", "src/config/chart-source.test.ts", [
    "name",
  ]),
  ...rows("extensions.helm.repositories[]", `${helm}/chart-objects.ts`, `${helm}/chart-objects.test.ts`, [
    "keyfile",
  ]),
  ...rows("extensions.helm.repositories[]", `${helm}/access.ts`, `${helm}/workspace.test.ts`, ["certFile"]),
  ...rows(
    "extensions.helm.repositories[]",
    `${helm}/chart-origin.ts`,
    "test/integration/kube/helm-values.test.ts",
    ["configFrom.secretRef.name", "configFrom.secretRef.namespace"],
  ),
  ...rows("extensions.helm.charts[]", `${helm}/given-values.ts`, `${helm}/given-values.test.ts`, [
    "valuesFrom[].kind",
    "valuesFrom[].name",
    "valuesFrom[].key",
    "valuesFrom[].optional",
  ]),
  ...rows("extensions.helm.charts[]", `${helm}/chart-objects.ts`, `${helm}/chart-objects.test.ts`, [
    "name",
    "chartname",
    "version",
    "values",
    "namespace",
    "timeout",
    "forceUpgrade",
    "order",
  ]),
  ...rows("extensions.helm.repositories[]", `${helm}/access.ts`, `${helm}/access.test.ts`, ["plainHTTP"]),
  "extensions.storage": refused(),
  hardening: { file: "src/config/security.ts", test: "src/config/security.test.ts" },
  "security.secretsEncryption.enabled": {
    file: "src/config/security.ts",
    test: "src/config/security.test.ts",
  },
  ...rows("security.audit", "src/config/security.ts", "src/config/security.test.ts", ["enabled"]),
  ...rows("security.audit", securityFlags, apiserverTest, [
    "policyFile",
    "logFile",
    "maxAge",
    "maxBackup",
    "maxSize",
  ]),
  ...rows("security.podSecurity", admission, admissionTest, [
    "enforce",
    "audit",
    "warn",
    "exemptNamespaces",
    "exemptUsernames",
    "exemptRuntimeClasses",
  ]),
  ...rows("security.eventRateLimit", "src/config/security.ts", "src/config/security.test.ts", ["enabled"]),
  "security.eventRateLimit.limits": {
    file: admission,
    test: admissionTest,
    whole: "type, qps, burst, cacheSize",
  },
  ...rows("security", admission, admissionTest, ["admissionConfigFile"]),
  ...rows("security", securityFlags, apiserverTest, ["authenticationConfigFile", "authorizationConfigFile"]),
  ...rows("security.oidc", securityFlags, apiserverTest, [
    "issuerURL",
    "clientID",
    "usernameClaim",
    "usernamePrefix",
    "groupsClaim",
    "groupsPrefix",
    "requiredClaims",
    "signingAlgs",
    "caFile",
  ]),
  "metricsServer.patches": patches(`${components}/metrics-server/component.ts`),
};
