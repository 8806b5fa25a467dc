import { defineCommand } from "../core/command.ts";

const shells = ["bash", "zsh", "fish", "powershell"] as const;

export const completionCommand = defineCommand({
  name: "completion",
  usage: `{${shells.join("|")}}`,
  summary: "Generate completion script",
  description: "Print the completion script for a shell.",
  example: `Bash, now and for every session:
  $ source <(k0s completion bash)
  $ k0s completion bash > /etc/bash_completion.d/k0s

Zsh:
  $ k0s completion zsh > "\${fpath[1]}/_k0s"

Fish:
  $ k0s completion fish > ~/.config/fish/completions/k0s.fish`,
  args: { min: 1, max: 1, choices: shells },
  onWindows: true,
  run: async ({ args, io }) => (await import("./complete.ts")).completionScript(args[0] ?? "", io),
});
