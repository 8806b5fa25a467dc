// Sections that are parsed and checked although the feature behind them does not work yet: asking for one is an error,
// never silently ignored.

import type { YamlPath } from "../std/yaml-positions.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import { cidrFamily } from "../std/cidr.ts";
import { kineBackend } from "./data-source.ts";
import { type ConfigProblem, touchesAny } from "./problem.ts";

export interface UnsupportedFeature {
  readonly path: YamlPath;
  /** What does not work, and what does instead. */
  readonly message: string;
}

type Spec = ClusterConfig["spec"];

/** k0s' own, as `--feature-gates` gives them. */
export type FeatureGates = Readonly<Record<string, boolean>>;

const ipv6Alone = "IPv6SingleStack";

/** What the configuration asks for and this release cannot do. */
export function unsupportedFeatures(config: ClusterConfig, gates: FeatureGates = {}): UnsupportedFeature[] {
  const { spec } = config;
  const found = [...storage(spec), ...network(spec, gates), ...images(spec), ...meaningless(spec)];
  return found.map(({ path, message }) => ({ path: ["spec", ...path], message }));
}

/** The same as problems of a checked configuration, but for fields that are wrong by themselves. */
export function unsupportedProblems(
  { config, problems }: { readonly config: ClusterConfig; readonly problems: readonly ConfigProblem[] },
  gates: FeatureGates = {},
): ConfigProblem[] {
  const wrong = problems.map(({ path }) => path);
  return unsupportedFeatures(config, gates)
    .filter(({ path }) => !touchesAny(path, wrong))
    .map((feature) => ({ ...feature, notYet: true }));
}

function storage({ storage }: Spec): UnsupportedFeature[] {
  if (storage.type === "etcd") return [];
  const backend = kineBackend(storage.kine.dataSource);
  return only(
    !["sqlite", "postgres", "postgresql", "mysql"].includes(backend),
    ["storage", "kine", "dataSource"],
    `the ${backend} backend does not work yet; sqlite, postgres and mysql do`,
  );
}

function network({ network }: Spec, gates: FeatureGates): UnsupportedFeature[] {
  const at = (...path: string[]) => ["network", ...path];
  const { calico } = network;
  const isCalico = network.provider === "calico";
  return [
    ...only(
      !network.dualStack.enabled && cidrFamily(network.podCIDR) === 6 && gates[ipv6Alone] !== true,
      at("podCIDR"),
      `a cluster with IPv6 alone is an experiment; start every controller with --feature-gates=${ipv6Alone}=true`,
    ),
    ...only(
      isCalico && calico.mode !== "vxlan",
      at("calico", "mode"),
      `mode ${calico.mode} needs Calico's own BGP daemon, which is not part of k0s; vxlan works without it`,
    ),
    ...only(
      isCalico && calico.mode === "vxlan" && calico.overlay === "Never",
      at("calico", "overlay"),
      "without BGP nobody would make routes between nodes; CrossSubnet leaves packets as they are inside of a subnet",
    ),
    ...only(
      network.provider === "custom" && network.nodeLocalDNS.enabled,
      at("nodeLocalDNS", "enabled"),
      "the cache gets its address by an image of Calico or kube-router, which nodes with another provider do not have",
    ),
    ...nodeLocalImages(network),
    ...(network.controlPlaneLoadBalancing.enabled ? controlPlane(network.controlPlaneLoadBalancing) : []),
  ];
}

/** The balancer is part of k0s, whatever its type is called: docs/adr/0022. */
function nodeLocalImages({ nodeLocalLoadBalancing: balancing }: Spec["network"]): UnsupportedFeature[] {
  const kinds = ["envoyProxy", "traefik"] as const;
  const at = (...path: string[]) => ["network", "nodeLocalLoadBalancing", ...path];
  return kinds.flatMap((kind) =>
    only(
      balancing.enabled && balancing[kind].image !== undefined,
      at(kind, "image"),
      "no component uses this image: the load balancer is part of k0s",
    ),
  );
}

/** There is no keepalived (docs/adr/0026). */
function controlPlane({ keepalived }: Spec["network"]["controlPlaneLoadBalancing"]): UnsupportedFeature[] {
  const at = (...path: (string | number)[]) => [
    "network",
    "controlPlaneLoadBalancing",
    "keepalived",
    ...path,
  ];
  const template = "there is no keepalived whose configuration it could make";
  return [
    ...only(
      keepalived.virtualServers.length > 0,
      at("virtualServers"),
      "there is no IPVS behind the address; leave it out for the balancer inside of k0s",
    ),
    ...only(keepalived.configTemplateVRRP !== undefined, at("configTemplateVRRP"), template),
    ...only(keepalived.configTemplateVS !== undefined, at("configTemplateVS"), template),
    ...keepalived.vrrpInstances.flatMap(({ virtualIPs }, index) =>
      only(
        virtualIPs.some((cidr) => cidrFamily(cidr) === 6),
        at("vrrpInstances", index, "virtualIPs"),
        "virtual IPv6 addresses do not work yet",
      ),
    ),
  ];
}

function images({ images }: Spec): UnsupportedFeature[] {
  const none = "no component uses this image";
  return [
    ...only(
      images.kubeproxy !== undefined,
      ["images", "kubeproxy"],
      `${none}: kube-proxy is a process of the worker`,
    ),
    ...only(
      images.pushgateway !== undefined,
      ["images", "pushgateway"],
      `${none} yet: the metrics scraper does not work yet`,
    ),
  ];
}

/** The one that is made of manifests; in the namespace kube-system. */
const windowsProxy = "DaemonSet kube-proxy-windows";

/**
 * What upstream k0s has a meaning for, or once had, and nothing here could follow; what does no harm: warnings.ts. Not `telemetry.enabled` and
 * `network.calico.flexVolumeDriverPath`: upstream's own files have them, and there, too, nothing comes of them.
 */
function meaningless({ extensions, network }: Spec): UnsupportedFeature[] {
  return [
    ...only(
      network.kubeProxy.patches.some(
        ({ target: { kind, name, namespace = "kube-system" } }) =>
          `${kind} ${name}` !== windowsProxy || namespace !== "kube-system",
      ),
      ["network", "kubeProxy", "patches"],
      `kube-proxy is a process of the worker, without objects to patch but ${windowsProxy}; use its fields, extraArgs and rawArgs`,
    ),
    ...only(
      extensions.storage !== undefined &&
        (extensions.storage["type"] ?? "external_storage") !== "external_storage",
      ["extensions", "storage"],
      "k0s brings no storage; install one as a Helm chart, below extensions.helm",
    ),
  ];
}

/** An entry of a list, where the configuration asks for it. */
export function only(asked: boolean, path: YamlPath, message: string): UnsupportedFeature[] {
  return asked ? [{ path, message }] : [];
}
