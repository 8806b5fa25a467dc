// Links of a host by which other nodes do not come: pods and what else runs on the host itself do.

/**
 * Of kube-router, of Calico (one for each pod, so `+` or `*` stands for the rest of a name), of networks that operators install. Not
 * those by which nodes send packets to each other.
 */
const podLink = /^(kube-bridge|cali[+*]|cni0|cbr0|lxc[+*]|cilium_(host|[+*])|weave|antrea-gw0|ovn-k8s-mp0)$/;

/** As a firewall names it: a rule for this link is one for pods. */
export function isPodLink(name: string): boolean {
  return podLink.test(name);
}

/**
 * Of a single pod, of containers and of virtual machines. Docker names a bridge by twelve digits: one of a person, such as
 * `br-lan`, may have a card of the host on it.
 */
const localLink =
  /^(lo|cali[0-9a-f]+|lxc(_health|[0-9a-f]+)|(docker|podman|cni|nerdctl|virbr|lxdbr|lxcbr|incusbr|veth).*|br-([0-9a-f]{12}|[+*]))$/;

/** Nobody outside of this host comes by it. */
export function isLocalLink(name: string): boolean {
  return localLink.test(name) || isPodLink(name);
}
