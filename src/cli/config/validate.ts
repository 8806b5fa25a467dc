// `k0s config validate`: silent when the file is right but for warnings of fields without effect, else every mistake; each with its place.

import { loadClusterConfig } from "../../config/load.ts";
import { warningText } from "../../config/warnings.ts";
import { defaultDataDir } from "../../product/paths.ts";
import { nodeRules } from "../../roles/folds/rules.ts";
import { publicAddress } from "../../os/addresses.ts";
import { usageError } from "../core/cobra-command.ts";
import type { Invocation } from "../core/command.ts";
import type { configValidateFlags } from "./command.ts";

export async function configValidate({
  flags,
  given,
  args,
  io,
}: Invocation<typeof configValidateFlags>): Promise<void> {
  const [file] = args;
  if (file !== undefined)
    throw usageError("the file is given by a flag", `k0s config validate --config ${file}`);
  if (!given.has("config") && io.terminal.stdin) throw usageError('required flag(s) "config" not set');
  const { warnings } = await loadClusterConfig({
    // `k0s config create | k0s config validate` reads standard input.
    path: given.has("config") ? flags.config : "-",
    single: false,
    dataDir: defaultDataDir,
    publicAddress: publicAddress(),
    rules: nodeRules,
    onlySupported: { featureGates: flags.featureGates },
    stdin: () => io.readInput(),
  });
  for (const warning of warnings) io.err(`Warning: ${warning.place}  ${warningText(warning)}\n`);
}
