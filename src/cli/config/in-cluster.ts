// `k0s config edit` and `k0s config status`: the ClusterConfig of the cluster, by the kubectl that comes with k0s.
// Upstream: cmd/config/edit.go, cmd/config/status.go.

import { clusterConfigRef } from "../../components/cluster-config/reference.ts";
import type { NodePaths } from "../../product/paths.ts";
import { UserError } from "../../std/errors.ts";
import { adminClient } from "../core/admin-client.ts";
import { become } from "../core/become.ts";
import type { CliIo } from "../core/io.ts";
import { livePaths } from "../core/live-paths.ts";
import { stagedBinary } from "../core/staged-binary.ts";

const { name, namespace } = clusterConfigRef;

/** Becomes kubectl. */
export async function configEdit({ dataDir }: { readonly dataDir: string }, io: CliIo): Promise<never> {
  const paths = await livePaths({ dataDir }, io);
  await assertInCluster(paths, io.signal);
  return kubectl(["edit", "clusterconfig", name], paths, io);
}

/** Its Events; becomes kubectl. They are there, too, when the configuration is a file. */
export async function configStatus(
  { dataDir, output }: { readonly dataDir: string; readonly output: string },
  io: CliIo,
): Promise<never> {
  const paths = await livePaths({ dataDir }, io);
  const format = output === "" ? [] : ["-o", output];
  return kubectl(["get", "event", "--field-selector", `involvedObject.name=${name}`, ...format], paths, io);
}

async function assertInCluster(paths: NodePaths, signal: AbortSignal): Promise<void> {
  const client = await adminClient(paths);
  const kinds = await client.raw("/apis/k0s.k0sproject.io/v1beta1", { signal });
  const text = await kinds.text();
  if (kinds.ok && text.includes("clusterconfigs")) return;
  throw new UserError("no configuration is kept in this cluster", {
    code: "no-dynamic-config",
    hint: "Start the controllers with --enable-dynamic-config; or change /etc/k0s/k0s.yaml, then `k0s config apply`.",
  });
}

async function kubectl(args: readonly string[], paths: NodePaths, io: CliIo): Promise<never> {
  const program = await stagedBinary("kubectl", paths, io);
  const env = { ...io.env, KUBECONFIG: paths.adminKubeconfig };
  return become(program, { argv0: "kubectl", args: ["-n", namespace, ...args], env });
}
