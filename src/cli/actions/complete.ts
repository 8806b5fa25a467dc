// `k0s completion <shell>` prints a script; the script calls `k0s complete -- <words>` for every tab.

import { script } from "@bomb.sh/tab";
import { usageError } from "../cobra-command.ts";
import { completeWords, formatAnswer } from "../completion.ts";
import type { CliIo } from "../io.ts";
import { rootCommand } from "../program.ts";

const shells: readonly string[] = ["bash", "zsh", "fish", "powershell"];

export async function completionScript(shell: string): Promise<void> {
  if (!shells.includes(shell)) {
    throw usageError(`unsupported shell ${JSON.stringify(shell)}`, `There are ${shells.join(", ")}.`);
  }
  script(shell, "k0s", "k0s");
}

export async function complete(words: readonly string[], io: CliIo): Promise<number> {
  const answer = completeWords(rootCommand, words);
  if (answer.passThrough?.command === "kubectl") {
    const { kubectl } = await import("./kubectl.ts");
    return kubectl(["__complete", ...answer.passThrough.rest], io);
  }
  io.out(formatAnswer(answer));
  return 0;
}
