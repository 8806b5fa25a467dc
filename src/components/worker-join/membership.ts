// Whether this host has joined a cluster already, and whether what it kept of that is still useful.
// Upstream: pkg/component/worker/utils.go.

import type { NodePaths } from "../../product/paths.ts";
import { readKubeconfig } from "../../kube/kubeconfig.ts";
import { statIfExists } from "../../os/files.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import { type ClusterAddress, identityOf } from "./kubelet-kubeconfig.ts";
import { nodeUser } from "./node-user.ts";

export type Membership =
  | { readonly state: "none" }
  | { readonly state: "member"; readonly cluster: ClusterAddress }
  /** The certificate has expired: only new credentials help. */
  | { readonly state: "expired"; readonly since: Date };

/** Throws a UserError when the host joined under another name. */
export async function storedMembership(
  paths: NodePaths,
  nodeName: string,
  now = new Date(),
): Promise<Membership> {
  const path = paths.kubeletKubeconfig;
  if ((await statIfExists(path)) === undefined) return { state: "none" };
  const connection = await readKubeconfig(path).catch((err: unknown) => {
    throw damaged(path, errorMessage(err), err);
  });
  const { server, ca } = connection;
  const identity = identityOf(connection);
  if (identity === undefined || ca === undefined) throw damaged(path, "it holds no certificate");
  if (identity.user !== nodeUser(nodeName)) {
    const old = identity.user.replace(/^system:node:/, "");
    throw new UserError(`this host joined its cluster as ${old}, but its name is ${nodeName} now`, {
      code: "name-changed",
      hint: `Keep the old name with --kubelet-extra-args=--hostname-override=${old}, or join anew: \`k0s reset\`, then \`k0s worker\` with a new token.`,
    });
  }
  if (identity.expires <= now) return { state: "expired", since: identity.expires };
  return { state: "member", cluster: { server, ca } };
}

function damaged(path: string, why: string, cause?: unknown): UserError {
  return new UserError(`the node's credentials in ${path} cannot be used: ${why}`, {
    code: "bad-kubelet-conf",
    hint: "Join anew: `k0s reset`, then `k0s worker` with a new token.",
    ...(cause === undefined ? {} : { cause }),
  });
}
