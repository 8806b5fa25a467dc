// `k0s completion <shell>` prints a script; the script calls `k0s complete -- <words>` for every tab.

import { script } from "@bomb.sh/tab";
import { usageError } from "../core/cobra-command.ts";
import { completeWords, formatAnswer } from "./answer.ts";
import type { CliIo } from "../core/io.ts";
import { rootCommand } from "../program.ts";

const shells: readonly string[] = ["bash", "zsh", "fish", "powershell"];

export async function completionScript(shell: string, io: Pick<CliIo, "out">): Promise<void> {
  if (!shells.includes(shell)) {
    throw usageError(`unsupported shell ${JSON.stringify(shell)}`, `There are ${shells.join(", ")}.`);
  }
  io.out(printedBy(() => script(shell, "k0s", "k0s")));
}

/** The library only prints, and `console.log` does not report a full disk. */
function printedBy(print: () => void): string {
  const { log } = console;
  let text = "";
  console.log = (...words: unknown[]) => void (text += `${words.join(" ")}\n`);
  try {
    print();
  } finally {
    console.log = log;
  }
  return text;
}

export async function complete(words: readonly string[], io: CliIo): Promise<number> {
  const answer = completeWords(rootCommand, words);
  if (answer.passThrough?.command === "kubectl") {
    const { kubectl } = await import("../kubectl/run.ts");
    return kubectl(["__complete", ...answer.passThrough.rest], io);
  }
  io.out(formatAnswer(answer));
  return 0;
}
