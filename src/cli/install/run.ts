// `k0s install`: writes the service's definition and tells the service manager. Upstream: cmd/install.

import { nodePaths } from "../../product/paths.ts";
import type { ServiceDefinition } from "../../host/service/definition.ts";
import { installService, restartService } from "../../host/service/install.ts";
import { isServiceRunning } from "../../host/service/running.ts";
import { requireService } from "../../host/service/installed.ts";
import { assertMayUse } from "../../host/own-directories.ts";
import { serviceArguments } from "../../host/service/service-arguments.ts";
import { selfPath } from "../../payload/self-path.ts";
import { errorMessage, UserError } from "../../std/errors.ts";
import { isPlainWord, shellWord } from "../../host/service/quote.ts";
import { usageError } from "../core/cobra-command.ts";
import type { FlagSet, FlagValues } from "../core/flag.ts";
import type { Invocation } from "../core/command.ts";
import type { CliIo } from "../core/io.ts";
import { fileConfig } from "../core/node-config.ts";
import { requireRoot } from "../core/require-root.ts";
import { serviceManager } from "../core/service-manager.ts";
import type { installControllerFlags, installWorkerFlags, serviceFlags } from "./command.ts";
import { assertNotByHand } from "./by-hand.ts";
import { parseEnvironment } from "./environment.ts";
import { installedText } from "./installed-text.ts";
import { checkTokenFile, controllerNeedsToken, type NeedsToken, workerNeedsToken } from "./token-file.ts";

export async function installController(
  invocation: Invocation<typeof installControllerFlags>,
): Promise<void> {
  const { flags, io } = invocation;
  requireRoot(io);
  if (flags.config === "-")
    throw new UserError("a service cannot read its configuration from standard input", {
      code: "stdin-config",
      hint: "Write it to a file, /etc/k0s/k0s.yaml for instance, and give that.",
    });
  const paths = nodePaths({ dataDir: flags.dataDir, root: io.root });
  const config = await fileConfig(paths, flags.config === "" ? undefined : flags.config, io);
  await install("controller", invocation, controllerNeedsToken(config));
}

export async function installWorker(invocation: Invocation<typeof installWorkerFlags>): Promise<void> {
  requireRoot(invocation.io);
  await install("worker", invocation, workerNeedsToken(invocation.flags));
}

async function install<F extends typeof serviceFlags & typeof installWorkerFlags & FlagSet>(
  command: "controller" | "worker",
  { flags, givenTexts, io }: Invocation<F>,
  needsToken: NeedsToken,
): Promise<void> {
  const values: FlagValues<typeof serviceFlags & typeof installWorkerFlags> = flags;
  const { dataDir, statusSocket, kubeletRootDir } = values;
  const paths = nodePaths({ dataDir, statusSocket, kubeletRootDir, root: io.root });
  await assertMayUse(paths);
  await checkTokenFile(values.tokenFile, () => needsToken(paths), io);
  const service: ServiceDefinition = {
    name: command === "controller" ? "k0scontroller" : "k0sworker",
    program: selfPath(io.env),
    args: serviceArguments(command, givenTexts, process.cwd()),
    environment: environmentOf(values.env, io),
    dataDir: paths.dataDir,
  };
  const { init, host } = await serviceManager(io.signal);
  if (init === undefined) throw noServiceManager(service);
  const plan = await installService(init, service, host, { force: values.force });
  const installed = await requireService(init, host);
  const running = await isServiceRunning(installed, host);
  io.err(installedText(plan, { name: service.name, running, start: values.start }));
  if (!values.start) return;
  await assertNotByHand(installed, host, values.dataDir, io);
  await restartService(installed, host, io.signal);
}

function environmentOf(texts: readonly string[], io: CliIo): (readonly [string, string])[] {
  try {
    return parseEnvironment(texts, io.env);
  } catch (err) {
    throw usageError(`invalid argument for "-e, --env" flag: ${errorMessage(err)}`);
  }
}

function noServiceManager(service: ServiceDefinition): UserError {
  const words = [service.program, ...service.args].map((word) =>
    isPlainWord(word) ? word : shellWord(word),
  );
  return new UserError("this host has no service manager that k0s knows", {
    code: "no-service-manager",
    hint: `Known are systemd, OpenRC, System V init, runit and s6. In the foreground it is:\n  ${words.join(" ")}`,
  });
}
