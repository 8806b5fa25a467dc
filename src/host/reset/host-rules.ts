// Which netfilter objects and links are a cluster node's: kube-proxy's, kubelet's, Calico's, kube-router's. What the CNI
// plug-ins make is shared with podman and others: cni-rules.ts.

const chainPattern = /^(KUBE-|cali-|KUBE_)/;
const setPattern = /^(cali[46]0|kube-router|inet6:kube-router|KUBE-|6-KUBE-|inet6:KUBE-)/;
const linkPattern =
  /^(cali[0-9a-f]{3,}.*|vxlan(-v6)?\.calico|wg-v6\.cali|wireguard\.cali|kube-bridge|kube-dummy-if|kube-ipvs0|dummyvip0|tun-[0-9a-f]{6,})$/;

export const isOurChain = (name: string): boolean => chainPattern.test(name);
export const isOurSet = (name: string): boolean => setPattern.test(name);
export const isOurLink = (name: string): boolean => linkPattern.test(name);

/** Of the balancer that controllers have for their virtual address. */
export const controlPlaneTable = "k0s-control-plane";

/** Tables of nftables that belong to nobody else. */
const ownTables: ReadonlySet<string> = new Set(["kube-proxy", "calico", controlPlaneTable]);
export const isOurTable = (name: string): boolean => ownTables.has(name);

/** Routing protocol number that Calico marks its routes with. */
export const calicoRouteProtocol = "80";

/** Tables of kube-router's policy routing: plain numbers that others may have chosen too. */
export const kubeRouterTables: readonly string[] = [
  "77",
  "78",
  "79",
  "kube-router",
  "kube-router-dsr",
  "external_ip",
];

/** A rule of a built-in chain that one of our programs put there. */
export function isOurRule(rule: string): boolean {
  const target = jumpTarget(rule);
  if (target !== undefined && isOurChain(target)) return true;
  const set = /--match-set\s+(\S+)/.exec(rule)?.[1];
  if (set !== undefined && isOurSet(set)) return true;
  return (
    /--comment\s+"?(cali:|kube-router |kubernetes |allow outbound node port traffic on node interface)/.test(
      rule,
    ) || /\s-[io] kube-bridge\b/.test(rule)
  );
}

/** The chain that a rule goes to. */
export function jumpTarget(rule: string): string | undefined {
  return /(?:^|\s)(?:-j|-g|--jump|--goto)\s+(\S+)/.exec(rule)?.[1];
}
