// Which resolv.conf pods get from their node. Upstream: pkg/component/worker/kubelet.go (determineKubeletResolvConfPath).

/** Either a file of the host, or the content of one to generate. */
export type ResolvConf =
  | { readonly path: string; readonly content?: never }
  | { readonly path?: never; readonly content: string };

/**
 * systemd-resolved's stub (127.0.0.53) cannot be reached from a pod: then the file with the real servers is the right
 * one. A host without any name server gets a generated file that names the node itself, where nobody answers: CoreDNS
 * refuses to start when there is no server to forward to, and must not be pointed at itself.
 */
export function resolvConfFor(etcResolvConf: string, nodeIp: string | undefined): ResolvConf {
  const servers = [...etcResolvConf.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => match[1]);
  if (servers.length === 1 && servers[0] === "127.0.0.53")
    return { path: "/run/systemd/resolve/resolv.conf" };
  if (servers.length > 0 || nodeIp === undefined) return { path: "/etc/resolv.conf" };
  return { content: `${etcResolvConf.trimEnd()}\nnameserver ${nodeIp}\n`.trimStart() };
}
