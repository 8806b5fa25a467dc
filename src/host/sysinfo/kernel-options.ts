// Options of the kernel that Kubernetes, containerd and the networks need, as a tree.
// Upstream: internal/pkg/sysinfo/host_linux.go.

export interface OptionNode {
  readonly name: string;
  readonly text: string;
  /** Required options reject the host when they are left out; the others only warn. */
  readonly required: boolean;
  /** Another option that does the same. */
  readonly instead?: readonly string[];
  /** Newer kernels have it in another option. */
  readonly mergedInto?: { readonly option: string; readonly since: readonly [number, number] };
  readonly children: readonly OptionNode[];
}

type Children = readonly OptionNode[];

const need = (name: string, text: string, children: Children = []): OptionNode => ({
  name,
  text,
  required: true,
  children,
});
const want = (name: string, text: string, children: Children = []): OptionNode => ({
  name,
  text,
  required: false,
  children,
});

const merged = (node: OptionNode, option: string, since: readonly [number, number]): OptionNode => ({
  ...node,
  mergedInto: { option, since },
});

export const netOption = need("NET", "Networking support", [need("INET", "TCP/IP networking")]);

export const workerOptions: readonly OptionNode[] = [
  need("CGROUPS", "Control Group support", [
    need("CGROUP_SCHED", "Group CPU scheduler", [
      need("FAIR_GROUP_SCHED", "Group scheduling for SCHED_OTHER", [
        want("CFS_BANDWIDTH", "CPU bandwidth provisioning for FAIR_GROUP_SCHED"),
      ]),
    ]),
    want("BLK_CGROUP", "Block IO controller"),
  ]),
  need("NAMESPACES", "Namespaces support", [
    need("UTS_NS", "UTS namespace"),
    need("IPC_NS", "IPC namespace"),
    need("PID_NS", "PID namespace"),
    need("NET_NS", "Network namespace"),
  ]),
  need("NET", "Networking support", [
    need("INET", "TCP/IP networking"),
    need("NETFILTER", "Network packet filtering framework (Netfilter)", [
      want("NETFILTER_ADVANCED", "Advanced netfilter configuration"),
      need("NF_CONNTRACK", "Netfilter connection tracking support"),
      need("NETFILTER_XTABLES", "Netfilter Xtables support", [
        {
          ...need("NETFILTER_XT_TARGET_REDIRECT", "REDIRECT target support"),
          instead: ["IP_NF_TARGET_REDIRECT"],
        },
        need("NETFILTER_XT_MATCH_COMMENT", '"comment" match support'),
      ]),
    ]),
  ]),
  need("EXT4_FS", "The Extended 4 (ext4) filesystem"),
  need("PROC_FS", "/proc file system support"),
];

/** What only `k0s sysinfo` shows: networks differ in what they use. */
export const informativeOptions: readonly OptionNode[] = [
  want("IPV6", "The IPv6 protocol", [
    merged(want("NF_CONNTRACK_IPV6", "IPv6 connection tracking support"), "NF_CONNTRACK", [4, 19]),
    want("NF_REJECT_IPV6", "IPv6 packet rejection"),
    merged(want("NF_NAT_IPV6", "IPv6 NAT"), "NF_NAT", [5, 1]),
    want("IP6_NF_IPTABLES", "IP6 tables support", [
      want("IP6_NF_FILTER", "Packet filtering", [want("IP6_NF_TARGET_REJECT", "REJECT target support")]),
      want("IP6_NF_NAT", "ip6tables NAT support"),
      want("IP6_NF_MANGLE", "Packet mangling"),
    ]),
    want("NF_DEFRAG_IPV6", "IPv6 defragmentation"),
  ]),
  want("NETFILTER_NETLINK", "Netfilter NFNETLINK interface"),
  want("NF_NAT", "Network Address Translation support"),
  want("NETFILTER_XT_MARK", "nfmark target and match support"),
  want("NETFILTER_XT_SET", "set target and match support"),
  {
    ...want("NETFILTER_XT_TARGET_MASQUERADE", "MASQUERADE target support"),
    instead: ["IP_NF_TARGET_MASQUERADE", "IP6_NF_TARGET_MASQUERADE"],
  },
  want("NETFILTER_XT_NAT", '"SNAT and DNAT" targets support'),
  want("NETFILTER_XT_MATCH_ADDRTYPE", '"addrtype" address type match support'),
  want("NETFILTER_XT_MATCH_CONNTRACK", '"conntrack" connection tracking match support'),
  want("NETFILTER_XT_MATCH_MULTIPORT", '"multiport" multiple port match support'),
  want("NETFILTER_XT_MATCH_RECENT", '"recent" match support'),
  want("NETFILTER_XT_MATCH_STATISTIC", '"statistic" match support'),
  want("IP_SET", "IP set support", [
    want("IP_SET_HASH_IP", "hash:ip set support"),
    want("IP_SET_HASH_NET", "hash:net set support"),
  ]),
  want("IP_VS", "IP virtual server support", [
    want("IP_VS_NFCT", "Netfilter connection tracking"),
    want("IP_VS_SH", "Source hashing scheduling"),
    want("IP_VS_RR", "Round-robin scheduling"),
    want("IP_VS_WRR", "Weighted round-robin scheduling"),
  ]),
  merged(want("NF_CONNTRACK_IPV4", "IPv4 connection tracking support"), "NF_CONNTRACK", [4, 19]),
  want("NF_REJECT_IPV4", "IPv4 packet rejection"),
  merged(want("NF_NAT_IPV4", "IPv4 NAT"), "NF_NAT", [5, 1]),
  want("IP_NF_IPTABLES", "IP tables support", [
    want("IP_NF_FILTER", "Packet filtering", [want("IP_NF_TARGET_REJECT", "REJECT target support")]),
    want("IP_NF_NAT", "iptables NAT support"),
    want("IP_NF_MANGLE", "Packet mangling"),
  ]),
  want("NF_DEFRAG_IPV4", "IPv4 defragmentation"),
  want("BRIDGE", "802.1d Ethernet Bridging", [want("LLC", "LLC protocol"), want("STP", "STP protocol")]),
];
