// Which resolv.conf pods get from their node.
// Upstream: pkg/component/worker/kubelet.go (determineKubeletResolvConfPath).

import { isLoopback, isUnspecified } from "../../std/ip.ts";

export interface HostResolver {
  /** Text of /etc/resolv.conf; empty when there is none. */
  readonly etc: string;
  /** Text of the file in which systemd-resolved keeps the real servers; undefined when there is none. */
  readonly systemd: string | undefined;
  /** The node's first address; undefined when it is not known. */
  readonly nodeIp: string | undefined;
}

export type ResolvConf = {
  /** Name servers of the host that pods do not get: they are on the host's loopback. */
  readonly dropped: readonly string[];
} & (
  | /** A file of the host as it is. */ { readonly path: string; readonly content?: never }
  | /** The content of one to generate. */ { readonly path?: never; readonly content: string }
);

const etcPath = "/etc/resolv.conf";
export const systemdPath = "/run/systemd/resolve/resolv.conf";

/**
 * To a pod, a name server on loopback is the pod itself: CoreDNS would ask itself for ever. Where systemd-resolved's
 * stub is the host's only server, its own file names the real ones. What is on loopback otherwise is left out. When
 * nothing remains the node itself is named, where nobody answers: CoreDNS refuses to start without any server.
 */
export function resolvConfFor({ etc, systemd, nodeIp }: HostResolver): ResolvConf {
  const named = serversIn(etc);
  const onlyStub = named.length === 1 && named[0] === "127.0.0.53";
  const [path, text] = onlyStub && systemd !== undefined ? [systemdPath, systemd] : [etcPath, etc];
  const servers = serversIn(text);
  const dropped = servers.filter(isHostAlone);
  if (dropped.length === 0 && (servers.length > 0 || nodeIp === undefined)) return { path, dropped };
  const kept = text.split("\n").filter((line) => !serversIn(line).some(isHostAlone));
  const instead = dropped.length === servers.length && nodeIp !== undefined ? [`nameserver ${nodeIp}`] : [];
  const lines = [...kept.join("\n").trimEnd().split("\n"), ...instead].filter((line) => line !== "");
  return { content: lines.map((line) => `${line}\n`).join(""), dropped };
}

/** The addresses of its name servers. */
export function serversIn(text: string): string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => match[1] ?? "");
}

/** The resolver takes the unspecified address for loopback. */
function isHostAlone(server: string): boolean {
  const [address = ""] = server.split("%");
  return isLoopback(address) || isUnspecified(address);
}
