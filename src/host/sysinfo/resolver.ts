// The name servers that pods get from this host. A start tells of those that it leaves out; what becomes of them is decided in
// src/components/kubelet/resolv-conf.ts.

import { resolvConfFor, serversIn, systemdPath } from "../../components/kubelet/resolv-conf.ts";
import { type Finding, found } from "./finding.ts";
import { pass, type Probe } from "./probe.ts";

export const noNameServer: Finding = {
  category: "warning",
  message: "names no name server",
  why: "Pods resolve the names of the cluster only, and images cannot be pulled by name.",
  remedy: "`echo nameserver ADDRESS >>/etc/resolv.conf`",
};

export const loopbackNameServers: Finding = {
  category: "warning",
  message: "names servers on loopback alone",
  why: "A pod that asks them asks itself (CoreDNS would do so for ever), so k0s does not hand them on: pods resolve the names of the cluster only.",
  remedy:
    "Name a server that others reach too: `echo nameserver ADDRESS >>/etc/resolv.conf`. It may be the local one, if it listens on an address of this host.",
};

const path = "/etc/resolv.conf";

export const resolverProbe: Probe = {
  id: "dns:resolver",
  displayName: `Name servers in ${path}`,
  check: async (host) => {
    const etc = (await host.readText(path)) ?? "";
    const systemd = await host.readText(systemdPath);
    const own = serversIn(etc);
    if (own.length === 0) return found(noNameServer, "");
    const { path: file, content = "", dropped } = resolvConfFor({ etc, systemd, nodeIp: undefined });
    const text = file === undefined ? content : file === path ? etc : (systemd ?? "");
    const forPods = serversIn(text);
    const prop = own.join(" ");
    if (forPods.length === 0) return found(loopbackNameServers, prop);
    if (dropped.length > 0 || file !== path) return pass(`${prop}; pods get ${forPods.join(" ")}`);
    return pass(prop);
  },
};
