// Many nodes that join one controller at once, as far as they ask it.

import { unlessAborted } from "../../src/std/wait.ts";
import { loneController } from "./cluster.ts";
import type { Figures } from "./step.ts";

/** For each count: `joins`, `authorities all`, … Those of one count stay there when the next ones come. */
export async function measureJoins(
  counts: readonly number[],
  keep: (found: readonly Figures[]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  await using cluster = await loneController(signal);
  const [controller] = cluster.controllers;
  if (controller === undefined) throw new Error("there is no controller");
  const { machine } = controller;
  const tokens = [await machine.joinToken("controller"), await machine.joinToken("worker")];
  const found: Figures[] = [];
  let first = 0;
  for (const count of counts) {
    const storm = controller.ask("join-storm", String(count), String(first), ...tokens);
    found.push({ joins: count, ...(await unlessAborted(storm, signal)) });
    await keep(found);
    first += count;
  }
}
