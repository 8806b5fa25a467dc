// The process that holds a sandbox's network: a namespace with the bridge in it and no other way out.

import { openSync, writeFileSync, writeSync } from "node:fs";
import { errno } from "../std/errors.ts";
import { createGroups, hostHierarchies, joinGroups, networkGroup } from "./cgroups.ts";
import { endIfRemoved } from "./end-if-removed.ts";
import { helperCommand } from "./helper-command.ts";
import { becomeInit } from "./init-program.ts";
import { type Libc, namespaceFlags } from "./libc.ts";
import { bridgeName, markerVariable } from "./machine-spec.ts";
import { type Netlink, openNetlink } from "./netlink.ts";

const keptVariables = ["PATH", "HOME", "K0S_SELF", "XDG_CACHE_HOME"];

/** Makes the network and turns into the tiny init program, which cleans up when its life line ends. Never returns. */
export function becomeAnchor(libc: Libc, request: string): never {
  const { sandbox, bridgeAddress, uplink } = JSON.parse(request) as AnchorRequest;
  libc.setSession();
  enterNetworkGroup(sandbox);
  const host = openSync("/proc/thread-self/ns/net", "r");
  libc.unshare(namespaceFlags.net);
  const netlink = openNetlink(libc);
  netlink.setUp("lo");
  netlink.addBridge(bridgeName);
  netlink.addAddress(bridgeName, bridgeAddress);
  if (uplink !== undefined) plugIntoHost(libc, netlink, { ...uplink, host });
  netlink.close();
  keepFramesFromNetfilter();
  process.chdir("/");
  writeSync(1, "ready\n");
  const nowhere = openSync("/dev/null", "r+");
  libc.duplicateTo(nowhere, 1);
  libc.duplicateTo(nowhere, 2);
  const env: Record<string, string> = { [markerVariable]: sandbox };
  for (const name of keptVariables) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  becomeInit(libc, {
    title: `k0s-sandbox: network of ${sandbox}`,
    onEnd: helperCommand("reap", sandbox),
    env,
  });
}

/** Its group is how it is found again if the state of the sandbox is lost. */
function enterNetworkGroup(sandbox: string): void {
  const hierarchies = hostHierarchies();
  createGroups(hierarchies, networkGroup(sandbox));
  joinGroups(hierarchies, networkGroup(sandbox));
  endIfRemoved(hierarchies, sandbox, networkGroup(sandbox));
}

export interface AnchorRequest {
  readonly sandbox: string;
  readonly bridgeAddress: string;
  /** A link into the host's network and its address there. */
  readonly uplink?: { readonly link: string; readonly address: string };
}

/** The host's end goes together with the bridge's end, and that with the namespace. */
function plugIntoHost(
  libc: Libc,
  netlink: Netlink,
  uplink: { readonly link: string; readonly address: string; readonly host: number },
): void {
  netlink.addVeth({ name: "uplink", master: bridgeName, peerName: uplink.link, peerNamespace: uplink.host });
  const own = openSync("/proc/thread-self/ns/net", "r");
  libc.setns(uplink.host, namespaceFlags.net);
  const outside = openNetlink(libc);
  outside.addAddress(uplink.link, uplink.address);
  outside.setUp(uplink.link);
  outside.close();
  libc.setns(own, namespaceFlags.net);
}

/** Frames between machines do not concern the rules that this namespace might get one day. */
function keepFramesFromNetfilter(): void {
  for (const family of ["iptables", "ip6tables", "arptables"]) {
    try {
      writeFileSync(`/proc/sys/net/bridge/bridge-nf-call-${family}`, "0");
    } catch (err) {
      // Kernels without br_netfilter never do it.
      if (errno(err) !== "ENOENT") throw err;
    }
  }
}
