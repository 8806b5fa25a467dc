// With which credentials a node that has not joined yet talks to the cluster. Reference §9.3.

import type { NodePaths } from "../config/paths.ts";
import { type ConnectionDetails, parseKubeconfig } from "../kube/kubeconfig.ts";
import { readFileIfExists } from "../os/files.ts";
import { UserError } from "../std/errors.ts";
import type { JoinToken } from "../token/join-token.ts";
import { type JoinTokenSource, readJoinToken } from "../token/read-token.ts";

export interface BootstrapCredentials {
  readonly connection: ConnectionDetails;
  /** Undefined when they are those of `kubelet-bootstrap.conf`. */
  readonly token: JoinToken | undefined;
}

/** Reads them anew at each call: a token file can be replaced while the worker waits. */
export async function bootstrapCredentials(
  paths: NodePaths,
  source: JoinTokenSource | undefined,
): Promise<BootstrapCredentials> {
  const file = await readFileIfExists(paths.kubeletBootstrapKubeconfig);
  if (file !== undefined) {
    return { connection: await parseKubeconfig(file, paths.kubeletBootstrapKubeconfig), token: undefined };
  }
  if (source === undefined) {
    throw new UserError("this host has not joined a cluster yet, and no join token was given", {
      code: "no-token",
      hint: "Make one on a controller with `k0s token create --role worker`, and give it with --token-file.",
    });
  }
  const token = await readJoinToken(source, "worker");
  return { connection: await parseKubeconfig(token.kubeconfig, "the join token"), token };
}
