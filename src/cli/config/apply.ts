// `k0s config apply`: has the controller that runs here adopt its changed file, and waits until it has.
// Upstream has no such command.

import { requestConfiguration } from "../../status/client.ts";
import type { ConfigPlan } from "../../supervisor/config-plan.ts";
import type { CliIo } from "../core/io.ts";
import { objectText, warningsText } from "./plan-text.ts";
import { givenConfig, type PlanFlags, planOf, printPlan, socketOf } from "./plan.ts";

/** Exit code 1: it is adopted, but the ClusterConfig of the cluster is not. */
export async function configApply(flags: PlanFlags, io: CliIo): Promise<number> {
  const socket = await socketOf(flags, io);
  const given = await givenConfig(flags.config, io);
  let answer = await requestConfiguration(socket, { action: "apply", ...given }, io.signal);
  while (answer.job !== undefined) {
    const { job } = answer;
    answer = await requestConfiguration(socket, { action: "await", job }, io.signal);
  }
  const plan = planOf(answer);
  if (flags.out === "text") printAdopted(plan, io);
  else printPlan(plan, flags.out, "plan", io);
  if (answer.object === undefined) return 0;
  io.err(objectText(answer.object));
  return 1;
}

function printAdopted(plan: ConfigPlan, io: Pick<CliIo, "out" | "err">): void {
  io.err(warningsText(plan));
  const { length } = plan.changes;
  io.out(
    length === 0
      ? "The configuration is as the controller runs it.\n"
      : `The configuration is adopted: ${length} changed ${length === 1 ? "field" : "fields"}.\n`,
  );
}
