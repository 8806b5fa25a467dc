// The command tree. Upstream: cmd/root.go.

import { buildProgram } from "./core/build-program.ts";
import { HelpShown } from "./core/cobra-command.ts";
import { defineCommand, type Command } from "./core/command.ts";
import { airgapCommand } from "./airgap/command.ts";
import { backupCommand } from "./backup/command.ts";
import { completionCommand } from "./completion/command.ts";
import { configCommand } from "./config/command.ts";
import { controllerCommand } from "./controller/command.ts";
import { ctrCommand } from "./ctr/command.ts";
import { defaultConfigCommand } from "./default-config/command.ts";
import { docsCommand } from "./docs/command.ts";
import { doctorCommand } from "./doctor/command.ts";
import { etcdCommand } from "./etcd/command.ts";
import { helpCommand } from "./help/command.ts";
import { installCommand } from "./install/command.ts";
import { kubeconfigCommand } from "./kubeconfig/command.ts";
import { kubectlCommand } from "./kubectl/command.ts";
import { logsCommand } from "./logs/command.ts";
import { resetCommand } from "./reset/command.ts";
import { restartCommand } from "./restart/command.ts";
import { restoreCommand } from "./restore/command.ts";
import { secretsCommand } from "./secrets/command.ts";
import { stackCommand } from "./stack/command.ts";
import { startCommand } from "./start/command.ts";
import { statusCommand } from "./status/command.ts";
import { stopCommand } from "./stop/command.ts";
import { supportBundleCommand } from "./support-bundle/command.ts";
import { sysinfoCommand } from "./sysinfo/command.ts";
import { tokenCommand } from "./token/command.ts";
import { uninstallCommand } from "./uninstall/command.ts";
import { validateCommand } from "./validate/command.ts";
import { versionCommand } from "./version/command.ts";
import { workerCommand } from "./worker/command.ts";
import type { CliIo } from "./core/io.ts";
import { sandboxCommand } from "./sandbox/command.ts";

export const rootCommand: Command = defineCommand({
  name: "k0s",
  summary: "k0s - Zero Friction Kubernetes",
  description: "k0s - Zero Friction Kubernetes - https://k0sproject.io",
  commands: [
    airgapCommand,
    backupCommand,
    completionCommand,
    configCommand,
    controllerCommand,
    ctrCommand,
    defaultConfigCommand,
    docsCommand,
    doctorCommand,
    etcdCommand,
    helpCommand,
    installCommand,
    kubeconfigCommand,
    kubectlCommand,
    logsCommand,
    resetCommand,
    restartCommand,
    restoreCommand,
    sandboxCommand,
    secretsCommand,
    stackCommand,
    startCommand,
    statusCommand,
    stopCommand,
    supportBundleCommand,
    sysinfoCommand,
    tokenCommand,
    uninstallCommand,
    validateCommand,
    versionCommand,
    workerCommand,
  ],
});

/** Parses, runs the command's handler, returns its exit code. */
export async function runProgram(args: readonly string[], io: CliIo): Promise<number> {
  const [first, separator, ...words] = args;
  if (first === "complete" && separator === "--") {
    const { complete } = await import("./completion/complete.ts");
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
