// `k0s config edit` and `k0s config status`: the ClusterConfig of the cluster, by the kubectl that comes with k0s.
// Upstream: cmd/config/edit.go, cmd/config/status.go.

import type { ClusterConfigObject } from "../../components/cluster-config/object.ts";
import { clusterConfigRef } from "../../components/cluster-config/reference.ts";
import { openPasswords, openPasswordsText } from "../../config/open-passwords.ts";
import { stackEventLabel } from "../../deployer/stack-event.ts";
import type { KubeClient } from "../../kube/client.ts";
import { isNotFoundError } from "../../kube/errors.ts";
import type { NodePaths } from "../../product/paths.ts";
import { queryObject } from "../../status/client.ts";
import { UserError } from "../../std/errors.ts";
import { adminClient } from "../core/admin-client.ts";
import { become, type BecomeOptions } from "../core/become.ts";
import type { CliIo } from "../core/io.ts";
import { livePaths } from "../core/live-paths.ts";
import { runKubectl } from "../core/run-kubectl.ts";
import { stagedBinary } from "../core/staged-binary.ts";
import { objectCode, objectText } from "./plan-text.ts";

const { name, namespace } = clusterConfigRef;

/** Becomes kubectl. */
export async function configEdit({ dataDir }: { readonly dataDir: string }, io: CliIo): Promise<never> {
  const paths = await livePaths({ dataDir }, io);
  const client = await adminClient(paths);
  await assertInCluster(client, io.signal);
  await warnOfPasswords(client, io);
  return kubectl(["edit", "clusterconfig", name], paths, io);
}

/** Events of the configuration, the oldest first. They are there, too, when the configuration is a file. */
const eventsOfConfiguration = [
  "get",
  "event",
  "--sort-by=.eventTime",
  `--field-selector=involvedObject.kind=${clusterConfigRef.kind},involvedObject.name=${name}`,
  // Those of stacks name the same object.
  `--selector=!${stackEventLabel}`,
];

/** Its Events, and what the controller here makes of the object. Exit code without -o, 2: it is refused; 1: it has a mistake or did not run. */
export async function configStatus(
  { dataDir, output }: { readonly dataDir: string; readonly output: string },
  io: CliIo,
): Promise<number> {
  const paths = await livePaths({ dataDir }, io);
  const client = await adminClient(paths);
  if (await isInCluster(client, io.signal)) await warnOfPasswords(client, io);
  const format = output === "" ? [] : ["-o", output];
  const { program, call } = await kubectlCall([...eventsOfConfiguration, ...format], paths, io);
  const code = await runKubectl(program, call, io);
  if (code !== 0) return code;
  const answer = await queryObject(paths.statusSocket, io.signal);
  if (answer === undefined)
    io.err("The k0s that runs here is older than this command and tells no more: start it again.\n");
  const object = answer?.object;
  if (object !== undefined) io.err(objectText(object));
  // Who asks for data reads there what has happened, as with `k0s stack`.
  return output === "" ? objectCode(object) : 0;
}

async function isInCluster(client: KubeClient, signal: AbortSignal): Promise<boolean> {
  try {
    const kinds = await client.raw("/apis/k0s.k0sproject.io/v1beta1", { signal });
    return (await kinds.text()).includes("clusterconfigs");
  } catch (err) {
    if (isNotFoundError(err)) return false;
    throw err;
  }
}

/** Of what is in the object as it is now. */
async function warnOfPasswords(client: KubeClient, io: Pick<CliIo, "err" | "signal">): Promise<void> {
  const object = await client.find<ClusterConfigObject>(clusterConfigRef, { signal: io.signal });
  const fields = openPasswords(object?.spec);
  if (fields.length > 0) io.err(`Warning: ${openPasswordsText(fields)}\n`);
}

async function assertInCluster(client: KubeClient, signal: AbortSignal): Promise<void> {
  if (await isInCluster(client, signal)) return;
  throw new UserError("no configuration is kept in this cluster", {
    code: "no-dynamic-config",
    hint: "Start the controllers with --enable-dynamic-config; or change /etc/k0s/k0s.yaml, then `k0s config apply`.",
  });
}

async function kubectl(args: readonly string[], paths: NodePaths, io: CliIo): Promise<never> {
  const { program, call } = await kubectlCall(args, paths, io);
  return become(program, call);
}

async function kubectlCall(
  args: readonly string[],
  paths: NodePaths,
  io: CliIo,
): Promise<{ readonly program: string; readonly call: BecomeOptions }> {
  const program = await stagedBinary("kubectl", paths, io);
  const env = { ...io.env, KUBECONFIG: paths.adminKubeconfig };
  return { program, call: { argv0: "kubectl", args: ["-n", namespace, ...args], env } };
}
