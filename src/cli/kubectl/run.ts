// `k0s kubectl`: becomes the kubectl that comes with k0s, pointed at this node's cluster.
// Upstream: cmd/kubectl/kubectl.go.

import { access, constants, stat } from "node:fs/promises";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { findExecutable } from "../../os/find-executable.ts";
import { errno, errorMessage, isNotFound, UserError } from "../../std/errors.ts";
import { become } from "../core/become.ts";
import { runOnController } from "../core/controller-hint.ts";
import type { CliIo } from "../core/io.ts";
import { kubectlCommands, pluginNames, readKubectlArguments, type KubectlArguments } from "./arguments.ts";
import { kubectlWithHint, tunnelTrouble } from "./tunnels.ts";
import { livePaths } from "../core/live-paths.ts";
import { stagedBinary } from "../core/staged-binary.ts";

/** Mostly does not return: it becomes kubectl. */
export async function kubectl(all: readonly string[], io: CliIo): Promise<number> {
  const request = readKubectlArguments(all);
  const paths = await livePaths({ dataDir: request.dataDir }, io);
  const plugin = isPlugin(request, io);
  const env: Record<string, string | undefined> = { ...io.env };
  if (request.kubeconfig) delete env["KUBECONFIG"];
  else if (
    env["KUBECONFIG"] === undefined &&
    (await isUsable(paths.adminKubeconfig, { optional: plugin || request.local }))
  ) {
    env["KUBECONFIG"] = paths.adminKubeconfig;
  }
  const program = await stagedBinary("kubectl", paths, io);
  const call = { argv0: "kubectl", args: request.args, env };
  // Nothing is known about another cluster.
  const ours = env["KUBECONFIG"] === paths.adminKubeconfig;
  const trouble = ours ? await tunnelTrouble(request.words[0], paths.statusSocket) : [];
  return trouble.length > 0 ? kubectlWithHint(program, call, trouble, io) : become(program, call);
}

/** Whether a plug-in will run. Fails as upstream does where kubectl's own words would differ. */
function isPlugin({ words, unknownFlag, kuberc }: KubectlArguments, io: CliIo): boolean {
  const [command] = words;
  if (command === undefined || kubectlCommands.includes(command)) return false;
  if (unknownFlag !== undefined) {
    throw new UserError(`unknown flag: ${unknownFlag}`, {
      code: "usage",
      hint: "See 'k0s kubectl --help' for usage.",
    });
  }
  const path = io.env["PATH"] ?? "";
  if (pluginNames(words).some((name) => findExecutable(name, path) !== undefined)) {
    if (findExecutable("kubectl", path) === undefined) io.err(`${dropInHint}\n`);
    return true;
  }
  // The user's own aliases are commands too; only kubectl knows them.
  if (kuberc || io.env["KUBERC"] !== undefined || existsSync(join(homedir(), ".kube", "kuberc")))
    return false;
  throw new UserError(`unknown command ${JSON.stringify(command)} for "k0s kubectl"`, {
    code: "usage",
    hint: "Run 'k0s kubectl --help' for usage.",
  });
}

const dropInHint =
  "WARN: this plug-in may call kubectl, which is not in PATH. k0s is a drop-in replacement for it: " +
  'ln -s "$(command -v k0s)" /usr/local/bin/kubectl';

async function isUsable(kubeconfig: string, { optional }: { optional: boolean }): Promise<boolean> {
  try {
    await stat(kubeconfig);
    await access(kubeconfig, constants.R_OK);
    return true;
  } catch (err) {
    if (optional) return false;
    if (errno(err) === "EACCES") {
      throw new UserError(`cannot read k0s kubeconfig: ${kubeconfig}: permission denied`, {
        code: "no-kubeconfig",
        hint: "It is the administrator's: be root, or let KUBECONFIG name your own (`k0s kubeconfig create` makes one).",
        cause: err,
      });
    }
    const why = isNotFound(err) ? `stat ${kubeconfig}: no such file or directory` : errorMessage(err);
    throw new UserError(`cannot stat k0s kubeconfig, is the server running?: ${why}`, {
      code: "no-kubeconfig",
      hint: `${runOnController}; or give --kubeconfig.`,
      cause: err,
    });
  }
}
