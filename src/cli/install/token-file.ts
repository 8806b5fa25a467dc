// What is told of the token file of a service that is installed: the service reads it when it starts, and not always then.

import { hostname } from "node:os";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { observeJoin } from "../../components/controller-join/observe.ts";
import type { WorkerOptions } from "../../components/node-options.ts";
import { storedMembership } from "../../components/worker-join/membership.ts";
import type { ClusterConfig } from "../../config/cluster-config.ts";
import { isEtcdManaged } from "../../config/derived.ts";
import { shellWord } from "../../host/service/quote.ts";
import { nodeName } from "../../node/name.ts";
import { statIfExists } from "../../os/files.ts";
import type { NodePaths } from "../../product/paths.ts";
import { isNotFound, UserError } from "../../std/errors.ts";
import type { CliIo } from "../core/io.ts";

/** Whether a start on this host reads the token that it is given; throws what the start would throw. */
export type NeedsToken = (paths: NodePaths) => Promise<boolean>;

/** A join that began and has not come to its end goes on with its token. */
export function controllerNeedsToken(config: ClusterConfig): NeedsToken {
  return async (paths) => {
    const facts = { managedEtcd: isEtcdManaged(config), hasToken: true };
    return (await observeJoin(paths, facts)).kind !== "none";
  };
}

/** A certificate that has expired is no membership; a bootstrap file takes the place of a token file that is gone. */
export function workerNeedsToken({ kubeletExtraArgs }: Pick<WorkerOptions, "kubeletExtraArgs">): NeedsToken {
  return async (paths) => {
    if ((await statIfExists(paths.kubeletBootstrapKubeconfig)) !== undefined) return false;
    const name = nodeName(hostname(), kubeletExtraArgs["hostname-override"]);
    return (await storedMembership(paths, name)).state !== "member";
  };
}

export async function checkTokenFile(
  path: string,
  isNeeded: () => Promise<boolean>,
  io: Pick<CliIo, "err">,
): Promise<void> {
  if (path === "") return;
  try {
    const info = await stat(path);
    if ((!info.isFile() || isDescriptor(path)) && (await isNeeded())) throw notAFile(path);
    if ((info.mode & 0o004) !== 0)
      io.err(`${path} can be read by every user of this host: chmod 600 ${shellWord(resolve(path))}\n`);
    return;
  } catch (err) {
    if (!isNotFound(err)) throw err;
  }
  if (await isNeeded()) io.err(`${path} does not exist yet: the service needs it to join\n`);
}

/** A file may be behind it, which only this process has open. */
function isDescriptor(path: string): boolean {
  return /^\/(dev\/(stdin|fd\/)|proc\/[^/]+\/fd\/)/.test(resolve(path));
}

/** What a shell hands over as `<(…)`, or standard input, is gone when the service starts. */
function notAFile(path: string): UserError {
  return new UserError(`${path} is not a file: the service would find no token there when it starts`, {
    code: "token-file",
    hint: "Write the token into a file that only root can read, and name that.",
  });
}
