// `k0s stack status`. Upstream has no such command.

import type { CliIo } from "../core/io.ts";
import { isChartWell } from "../../components/helm-extensions/known-charts.ts";
import { chartText } from "../core/chart-table.ts";
import { printAs } from "./format.ts";
import { knownStacks } from "./known-stacks.ts";
import type { StackFlags } from "./known-stacks.ts";
import { isWell, stackData, statusText } from "./text.ts";

export async function stackStatus(names: readonly string[], flags: StackFlags, io: CliIo): Promise<number> {
  const { stacks, charts } = await knownStacks(names, flags, io);
  const isText = printAs(
    flags.out,
    {
      text: () => statusText(stacks, Date.now(), io.terminal.stdout) + chartText(charts),
      data: () => stackData(stacks, charts),
    },
    io,
  );
  return isText && !(stacks.every(isWell) && charts.every(isChartWell)) ? 1 : 0;
}
