// The API server of the controller on this host, with all rights.

import { isRuntimeClaimed } from "../../config/runtime-config.ts";
import type { KubeClient } from "../../kube/client.ts";
import { kubeClientFromKubeconfig } from "../../kube/kubeconfig-client.ts";
import { readFileIfExists } from "../../os/files.ts";
import type { NodePaths } from "../../product/paths.ts";
import { UserError } from "../../std/errors.ts";
import { runOnController } from "./controller-hint.ts";

/** Throws a UserError on a host where no controller runs. */
export async function adminClient(paths: NodePaths): Promise<KubeClient> {
  if ((await readFileIfExists(paths.adminKubeconfig)) === undefined) throw noControlPlane(paths);
  if (!isRuntimeClaimed(paths)) {
    throw new UserError("no k0s controller runs on this host", {
      code: "not-running",
      hint: "Start it, or run this command on a controller that runs.",
    });
  }
  return kubeClientFromKubeconfig(paths.adminKubeconfig);
}

export function noControlPlane(paths: NodePaths): UserError {
  return new UserError(`${paths.pkiDir} holds no control plane`, {
    code: "no-pki",
    hint: `${runOnController}.`,
  });
}
