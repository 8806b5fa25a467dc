// The name a node registers under. Upstream: pkg/node/nodename.go; reference §9.3.

import { UserError } from "../std/errors.ts";

const dnsName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** `--hostname-override`, else the host name; lower-cased. Refuses what Kubernetes would not accept as a name. */
export function nodeName(hostname: string, override: string | undefined): string {
  const name = (override ?? hostname).trim().toLowerCase();
  if (name.length <= 253 && dnsName.test(name)) return name;
  throw new UserError(`the host name "${name}" cannot be a node's name: it is not a DNS name`, {
    hint: "Change the host name (letters, digits, hyphens and dots), or give another with --kubelet-extra-args=--hostname-override=NAME.",
    code: "bad-hostname",
  });
}
