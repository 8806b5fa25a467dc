// `k0s config diff` and `k0s config plan`: what a configuration would do, asked of the controller that runs here.
// Upstream has no such commands.

import { resolve } from "node:path";
import { readFile } from "node:fs/promises";
import { requestConfiguration } from "../../status/client.ts";
import type { ConfigAnswer, GivenConfig } from "../../status/configuration.ts";
import { errno, UserError } from "../../std/errors.ts";
import type { ConfigPlan } from "../../supervisor/config-plan.ts";
import type { CliIo } from "../core/io.ts";
import { livePaths } from "../core/live-paths.ts";
import { printJson, printYaml } from "../core/output.ts";
import { requireRoot } from "../core/require-root.ts";
import { diffText, objectCode, objectText, planText } from "./plan-text.ts";

export interface PlanFlags {
  readonly dataDir: string;
  readonly statusSocket: string;
  readonly config: string;
  readonly out: string;
}

/** Exit code 2: it would be refused, or the ClusterConfig of the cluster is; 1: that has a mistake. */
export async function configPlan(flags: PlanFlags, io: CliIo, show: "diff" | "plan"): Promise<number> {
  const socket = await socketOf(flags, io);
  const given = await givenConfig(flags.config, io);
  const answer = await requestConfiguration(socket, { action: "plan", ...given }, io.signal);
  const plan = planOf(answer);
  printPlan(plan, flags.out, show, io);
  if (answer.object !== undefined) io.err(objectText(answer.object));
  return plan.refused.length > 0 ? 2 : objectCode(answer.object);
}

/** The status socket of the controller that runs here; only root reaches it. */
export async function socketOf(
  flags: Pick<PlanFlags, "dataDir" | "statusSocket">,
  io: CliIo,
): Promise<string> {
  requireRoot(io);
  const paths = await livePaths({ dataDir: flags.dataDir, statusSocket: flags.statusSocket }, io);
  return paths.statusSocket;
}

/** What `--config` names; empty: the file that the controller was started with. */
export async function givenConfig(file: string, io: Pick<CliIo, "readInput">): Promise<GivenConfig> {
  if (file === "") return {};
  if (file === "-") return { text: await io.readInput() };
  const path = resolve(file);
  try {
    return { path, text: await readFile(path, "utf8") };
  } catch (err) {
    throw new UserError(`cannot read the configuration ${path}: ${errno(err) ?? "unknown error"}`, {
      code: "config-unreadable",
      cause: err,
    });
  }
}

export function planOf({ plan, failure }: ConfigAnswer): ConfigPlan {
  if (failure !== undefined) {
    const { message, hint, code } = failure;
    throw new UserError(message, { code, ...(hint === undefined ? {} : { hint }) });
  }
  if (plan === undefined) throw new Error("k0s has answered neither a plan nor a failure");
  return plan;
}

export function printPlan(
  plan: ConfigPlan,
  out: string,
  show: "diff" | "plan",
  io: Pick<CliIo, "out" | "terminal">,
): void {
  const { steps: _, ...differences } = plan;
  const data = show === "diff" ? differences : plan;
  if (out === "json") return printJson(io, data);
  if (out === "yaml") return printYaml(io, data);
  io.out(show === "diff" ? diffText(plan) : planText(plan));
}
