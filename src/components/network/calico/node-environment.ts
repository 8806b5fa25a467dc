// The environment of calico-node: everything that spec.network.calico decides.
// Upstream: static/manifests/calico/DaemonSet/calico-node.yaml.

import { felixHealthPort } from "../declaration.ts";
import { podCidrs } from "../../../config/derived.ts";
import { cidrFamily } from "../../../std/cidr.ts";
import type { CalicoConfig } from "../config.ts";

type EnvVar = { name: string; value: string } | { name: string; valueFrom: object };

export function calicoNodeEnvironment(config: CalicoConfig): EnvVar[] {
  const { calico } = config.spec.network;
  const families = podCidrs(config).map(cidrFamily);
  const values: Record<string, string> = {
    DATASTORE_TYPE: "kubernetes",
    WAIT_FOR_DATASTORE: "true",
    CALICO_NETWORKING_BACKEND: calico.mode === "vxlan" ? "vxlan" : "bird",
    CLUSTER_TYPE: calico.mode === "vxlan" ? "k8s" : "k8s,bgp",
    CALICO_DISABLE_FILE_LOGGING: "true",
    FELIX_DEFAULTENDPOINTTOHOSTACTION: "ACCEPT",
    FELIX_HEALTHENABLED: "true",
    FELIX_HEALTHHOST: "127.0.0.1",
    FELIX_HEALTHPORT: String(felixHealthPort),
    FELIX_IPTABLESBACKEND: "auto",
    // Where the CNI plug-in looks for pods whose rules are written.
    FELIX_ENDPOINTSTATUSPATHPREFIX: "/var/run/calico",
    FELIX_BPFENABLED: "false",
    // Checksum offload of VXLAN is broken in several kernels and drivers.
    FELIX_FEATUREDETECTOVERRIDE: "ChecksumOffloadBroken=true",
    FELIX_PROMETHEUSMETRICSENABLED: "true",
    FELIX_PROMETHEUSMETRICSPORT: "9091",
    FELIX_LOGSEVERITYSCREEN: "Warning",
    FELIX_WIREGUARDENABLED: String(calico.wireguard && families.includes(4)),
    FELIX_IPINIPMTU: String(calico.mtu),
    FELIX_VXLANMTU: String(calico.mtu),
    FELIX_WIREGUARDMTU: String(wireguardMtu(calico, 4)),
    // Off is Felix' own default: a cluster without encryption keeps the pods that it has.
    ...(calico.wireguard
      ? {
          FELIX_WIREGUARDENABLEDV6: String(families.includes(6)),
          FELIX_WIREGUARDMTUV6: String(wireguardMtu(calico, 6)),
        }
      : {}),
    ...(calico.mode === "vxlan"
      ? { FELIX_VXLANPORT: String(calico.vxlanPort), FELIX_VXLANVNI: String(calico.vxlanVNI) }
      : {}),
    ...pools(config),
    ...detection(config),
    ...calico.envVars,
  };
  return [
    { name: "NODENAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
    ...Object.entries(values).map(([name, value]) => ({ name, value })),
  ];
}

/** Bytes that each adds to a packet: docs.tigera.io, "Configure MTU to maximize network performance". */
const vxlanHeaders = 50;
const wireguardHeaders = { 4: 60, 6: 80 } as const;

/** `mtu` is what fits a link with VXLAN; WireGuard adds more, and packets of its own that do not fit would be cut in two. */
function wireguardMtu(calico: CalicoConfig["spec"]["network"]["calico"], family: 4 | 6): number {
  if (!calico.wireguard || calico.mode !== "vxlan" || calico.mtu === 0) return calico.mtu;
  return calico.mtu + vxlanHeaders - wireguardHeaders[family];
}

/** The address pools that calico-node makes at its first start; later changes belong to the IPPool objects. */
function pools(config: CalicoConfig): Record<string, string> {
  const { mode, overlay } = config.spec.network.calico;
  const cidrs = podCidrs(config);
  const ipv4 = cidrs.find((cidr) => cidrFamily(cidr) === 4);
  const ipv6 = cidrs.find((cidr) => cidrFamily(cidr) === 6);
  const vxlan = mode === "vxlan" ? overlay : "Never";
  return {
    CALICO_IPV4POOL_IPIP: mode === "vxlan" ? "Never" : overlay,
    CALICO_IPV4POOL_VXLAN: ipv4 === undefined ? "Never" : vxlan,
    CALICO_IPV6POOL_VXLAN: ipv6 === undefined ? "Never" : vxlan,
    ...(ipv4 === undefined ? {} : { CALICO_IPV4POOL_CIDR: ipv4 }),
    ...(ipv6 === undefined
      ? { FELIX_IPV6SUPPORT: "false" }
      : { CALICO_IPV6POOL_CIDR: ipv6, CALICO_IPV6POOL_NAT_OUTGOING: "true", FELIX_IPV6SUPPORT: "true" }),
  };
}

/** How calico-node finds the node's addresses; its own default, the first usable one, needs no default route. */
function detection(config: CalicoConfig): Record<string, string> {
  const { ipAutodetectionMethod, ipV6AutodetectionMethod = ipAutodetectionMethod } =
    config.spec.network.calico;
  const families = podCidrs(config).map(cidrFamily);
  return {
    // Without IPv4 there is no address that the router's number could be.
    ...(families.includes(4) ? { IP: "autodetect" } : { IP: "none", CALICO_ROUTER_ID: "hash" }),
    ...(families.includes(6) ? { IP6: "autodetect" } : {}),
    ...(ipAutodetectionMethod === undefined ? {} : { IP_AUTODETECTION_METHOD: ipAutodetectionMethod }),
    ...(ipV6AutodetectionMethod === undefined ? {} : { IP6_AUTODETECTION_METHOD: ipV6AutodetectionMethod }),
  };
}
