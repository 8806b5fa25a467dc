// localhost must lead to this host: kubeconfigs name it.

import { hostsFile } from "../../os/hosts-file.ts";
import { type Finding, found } from "./finding.ts";
import { pass, type Probe } from "./probe.ts";

export const noHostsFile: Finding = {
  category: "warning",
  message: `k0s will write ${hostsFile} when it starts`,
  why: "Containers on the host's network get a copy of that file, and kubeconfigs say localhost.",
  remedy: `Nothing has to be done, or \`echo 127.0.0.1 localhost >${hostsFile}\`.`,
};

export const localhostElsewhere: Finding = {
  category: "rejected",
  message: `no interface of this host has it; put "127.0.0.1 localhost" into ${hostsFile}`,
  why: "k0s' own kubeconfigs say localhost, so that they lead to another host or to none.",
  remedy: `\`sed -i '/localhost/d' ${hostsFile}; echo 127.0.0.1 localhost >>${hostsFile}; ip link set lo up\``,
};

/** Longer than the resolver itself asks, however slow the machine: a node is not refused for that. */
const patienceMs = 120_000;

export const nameResolutionProbe: Probe = {
  id: "nameResolution:localhost",
  displayName: "Name resolution: localhost",
  check: async (host) => {
    if (!(await host.exists(hostsFile))) return found(noHostsFile, "");
    const addresses = await host.resolve("localhost", patienceMs);
    if (addresses.length === 0) throw new Error("no addresses found for localhost");
    const prop = `[${addresses.join(" ")}]`;
    // One is enough: programs try all addresses of a name.
    const own = host.addresses().map(({ address }) => address);
    if (addresses.some((address) => own.some((one) => reaches(one, address)))) return pass(prop);
    return found(localhostElsewhere, prop);
  },
};

/** The kernel takes the whole of 127.0.0.0/8 for its own. */
function reaches(own: string, address: string): boolean {
  return own === address || (own.startsWith("127.") && address.startsWith("127."));
}
