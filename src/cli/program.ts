// The command tree. Reference §1.3.

import { buildProgram } from "./build-program.ts";
import { HelpShown } from "./cobra-command.ts";
import { defineCommand, type Command } from "./command.ts";
import { completionCommand } from "./commands/completion.ts";
import { configCommand } from "./commands/config.ts";
import { controllerCommand } from "./commands/controller.ts";
import { ctrCommand } from "./commands/ctr.ts";
import { defaultConfigCommand } from "./commands/default-config.ts";
import { docsCommand } from "./commands/docs.ts";
import { etcdCommand } from "./commands/etcd.ts";
import { kubeconfigCommand } from "./commands/kubeconfig.ts";
import { kubectlCommand } from "./commands/kubectl.ts";
import { resetCommand } from "./commands/reset.ts";
import { statusCommand } from "./commands/status.ts";
import { stopCommand } from "./commands/stop.ts";
import { sysinfoCommand } from "./commands/sysinfo.ts";
import { tokenCommand } from "./commands/token.ts";
import { validateCommand } from "./commands/validate.ts";
import { versionCommand } from "./commands/version.ts";
import { workerCommand } from "./commands/worker.ts";
import type { CliIo } from "./io.ts";
import { sandboxCommand } from "./sandbox-command.ts";

export const rootCommand: Command = defineCommand({
  name: "k0s",
  summary: "k0s - Zero Friction Kubernetes",
  description: "k0s - Zero Friction Kubernetes - https://k0sproject.io",
  commands: [
    completionCommand,
    configCommand,
    controllerCommand,
    ctrCommand,
    defaultConfigCommand,
    docsCommand,
    etcdCommand,
    kubeconfigCommand,
    kubectlCommand,
    resetCommand,
    sandboxCommand,
    statusCommand,
    stopCommand,
    sysinfoCommand,
    tokenCommand,
    validateCommand,
    versionCommand,
    workerCommand,
  ],
});

/** Parses, runs the command's handler, returns its exit code. */
export async function runProgram(args: readonly string[], io: CliIo): Promise<number> {
  const [first, separator, ...words] = args;
  if (first === "complete" && separator === "--") {
    const { complete } = await import("./actions/complete.ts");
    return complete(words, io);
  }
  let code = 0;
  const program = buildProgram(rootCommand, io, (result) => (code = result));
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (err) {
    if (err instanceof HelpShown) return 0;
    throw err;
  }
  return code;
}
