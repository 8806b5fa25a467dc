// The credentials with which a node that has not joined yet talks to the cluster. Upstream: pkg/component/worker/utils.go.

import type { NodePaths } from "../../product/paths.ts";
import { type ConnectionDetails, parseKubeconfig } from "../../kube/kubeconfig.ts";
import { readFileIfExists, statIfExists } from "../../os/files.ts";
import { UserError } from "../../std/errors.ts";
import type { JoinToken } from "../../token/join-token.ts";
import { type JoinTokenSource, readJoinToken } from "../../token/read-token.ts";

export interface BootstrapCredentials {
  readonly connection: ConnectionDetails;
  /** Undefined when they are those of `kubelet-bootstrap.conf`. */
  readonly token: JoinToken | undefined;
  /** A `kubelet-bootstrap.conf` that is there, too, and is not used. */
  readonly passedOver?: string;
}

/**
 * Reads them again at each call: a token file can be replaced while the worker waits. A token that was given wins over a
 * `kubelet-bootstrap.conf` that lies there, unless its file is gone.
 */
export async function bootstrapCredentials(
  paths: Pick<NodePaths, "kubeletBootstrapKubeconfig">,
  source: JoinTokenSource | undefined,
): Promise<BootstrapCredentials> {
  const path = paths.kubeletBootstrapKubeconfig;
  const file = await readFileIfExists(path);
  if (source !== undefined && (file === undefined || (await isThere(source)))) {
    const token = await readJoinToken(source, "worker");
    const connection = await parseKubeconfig(token.kubeconfig, "the join token");
    return { connection, token, ...(file === undefined ? {} : { passedOver: path }) };
  }
  if (file !== undefined) return { connection: await parseKubeconfig(file, path), token: undefined };
  throw new UserError("this host has not joined a cluster yet, and no join token was given", {
    code: "no-token",
    hint: "Make one on a controller with `k0s token create --role worker`, and give it with --token-file.",
  });
}

async function isThere(source: JoinTokenSource): Promise<boolean> {
  return source.kind === "value" || (await statIfExists(source.path)) !== undefined;
}
