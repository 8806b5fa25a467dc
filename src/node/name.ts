// The name a node registers under. Upstream: pkg/node/nodename.go.

import { UserError } from "../std/errors.ts";
import { longestLabelValue, subdomainProblem } from "../std/kubernetes-names.ts";

/**
 * `--hostname-override`, else the host name; lower-cased. Refuses what Kubernetes would not accept as a name, or not as the value
 * of the label `kubernetes.io/hostname`: such a node never registers.
 */
export function nodeName(hostname: string, override: string | undefined): string {
  const name = (override ?? hostname).trim().toLowerCase();
  const long = name.length > longestLabelValue;
  if (!long && subdomainProblem(name) === undefined) return name;
  const why = long ? `it is longer than ${longestLabelValue} characters` : "it is not a DNS name";
  throw new UserError(`the host name "${name}" cannot be a node's name: ${why}`, {
    hint: "Change the host name (at most 63 letters, digits, hyphens and dots), or give another with --kubelet-extra-args=--hostname-override=NAME.",
    code: "bad-hostname",
  });
}
