// `k0s stack status`. Upstream has no such command.

import type { CliIo } from "../core/io.ts";
import { printAs } from "./format.ts";
import { knownStacks } from "./known-stacks.ts";
import type { StackFlags } from "./known-stacks.ts";
import { isWell, stackData, statusText } from "./text.ts";

export async function stackStatus(names: readonly string[], flags: StackFlags, io: CliIo): Promise<number> {
  const { stacks } = await knownStacks(names, flags, io);
  const isText = printAs(
    flags.out,
    { text: () => statusText(stacks, Date.now(), io.terminal.stdout), data: () => stackData(stacks) },
    io,
  );
  return isText && !stacks.every(isWell) ? 1 : 0;
}
