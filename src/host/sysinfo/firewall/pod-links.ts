// Links by which packets of pods come to the host.

/**
 * Of kube-router, of Calico (one for each pod, so `+` or `*` stands for the rest of a name), of networks that operators install. Not
 * those by which nodes send packets to each other.
 */
const podLink = /^(kube-bridge|cali[+*]|cni0|cbr0|lxc[+*]|cilium_(host|[+*])|weave|antrea-gw0|ovn-k8s-mp0)$/;

/** As a firewall names it: a rule for this link is one for pods. */
export function isPodLink(name: string): boolean {
  return podLink.test(name);
}
