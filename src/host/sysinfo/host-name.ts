// The host's name: a node is called by it.

import { subdomainProblem, longestLabelValue } from "../../std/kubernetes-names.ts";
import { type Finding, found } from "./finding.ts";
import { pass, type Probe } from "./probe.ts";

const rename = "`echo {name} >/etc/hostname && hostname -F /etc/hostname` (with another name if you like)";

export const hostNameInvalid: Finding = {
  category: "rejected",
  message: "cannot be the name of a node",
  why: "Kubernetes wants at most 63 lower-case letters, digits, hyphens and dots.",
  remedy: `${rename}; or start k0s with --kubelet-extra-args=--hostname-override=NAME.`,
};

export const hostNameEverywhere: Finding = {
  category: "warning",
  message: "every host is called so",
  why: "A second host of this name cannot join the cluster, and nobody can tell the two apart.",
  remedy: `${rename}; or start k0s with --kubelet-extra-args=--hostname-override=NAME.`,
};

export const hostNameCapitals: Finding = {
  category: "warning",
  message: "has capital letters",
  why: "The node will be called {name}: selectors and scripts that use the host's own spelling will not find it.",
  remedy: `${rename}.`,
};

export const hostNameUnknown: Finding = {
  category: "warning",
  message: "does not resolve",
  why: "What asks for the host's own name (sudo, pods on the host's network) fails, or first waits for a name server.",
  remedy: "`echo 127.0.1.1 {name} >>/etc/hosts`",
};

/** Who has to wait longer for the own name has what is warned of. */
const patienceMs = 3_000;

/** `override` is the name that the node is given at its start instead of the host's. */
export function hostNameProbe(override: string | undefined): Probe {
  return {
    id: "hostname",
    displayName: "Host name",
    check: async ({ hostname }) => {
      if (override !== undefined) return pass(`${hostname}, as a node ${override}`);
      const name = hostname.trim().toLowerCase();
      if (name.length > longestLabelValue || subdomainProblem(name) !== undefined)
        return found(hostNameInvalid, hostname, { name: suggestion(name) });
      if (/^localhost(\.|$)/.test(name)) return found(hostNameEverywhere, hostname, { name: "node-1" });
      if (name !== hostname) return found(hostNameCapitals, hostname, { name });
      return pass(hostname);
    },
  };
}

export const hostNameResolutionProbe: Probe = {
  id: "nameResolution:hostname",
  displayName: "Name resolution: the host's own name",
  check: async (host) => {
    const { hostname } = host;
    const addresses = await host.resolve(hostname, patienceMs).catch((err: unknown) => {
      if (err instanceof Error) return [];
      throw err;
    });
    return addresses.length > 0
      ? pass(`[${addresses.join(" ")}]`)
      : found(hostNameUnknown, hostname, { name: hostname });
  },
};

/** As near to the name as Kubernetes allows. */
function suggestion(name: string): string {
  const near = name.replaceAll(/[^-a-z0-9.]+/g, "-").slice(0, longestLabelValue);
  return near.replaceAll(/^[-.]+|[-.]+$/g, "").replaceAll(/-?\.[-.]*/g, ".") || "node-1";
}
