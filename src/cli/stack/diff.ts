// `k0s stack diff`. Upstream has no such command.

import { readRecord } from "../../deployer/inventory.ts";
import { defaultGrace } from "../../deployer/stack-deployer.ts";
import { diffStack } from "../../deployer/stack-diff.ts";
import { BadManifests } from "../../deployer/stack-files.ts";
import { controllerRole } from "../../roles/controller.ts";
import { systemStacksOf } from "../../roles/folds/workloads.ts";
import { createBudget } from "../../std/budget.ts";
import { askServer } from "../core/ask-server.ts";
import type { CliIo } from "../core/io.ts";
import { diffData, diffText, isSame } from "./diff-text.ts";
import type { StackDiff } from "./diff-text.ts";
import { printAs } from "./format.ts";
import { knownStacks } from "./known-stacks.ts";
import type { Cluster, StackFlags } from "./known-stacks.ts";
import type { KnownStack } from "./text.ts";

/** Thousands of objects take their time. */
const limitMs = 10 * 60_000;
const parallelRequests = 16;

export async function stackDiff(names: readonly string[], flags: StackFlags, io: CliIo): Promise<number> {
  const cluster = await knownStacks(names, flags, io);
  const diffs = await askServer((signal) => diffAll(cluster, signal), io, limitMs);
  const isText = printAs(
    flags.out,
    { text: () => diffText(diffs, io.terminal.stdout), data: () => diffData(diffs) },
    io,
  );
  return isText && !diffs.every(isSame) ? 1 : 0;
}

async function diffAll({ client, paths, stacks }: Cluster, signal: AbortSignal): Promise<StackDiff[]> {
  const budget = createBudget(parallelRequests);
  const system = systemStacksOf(controllerRole);
  const diffOne = async ({ name, status }: KnownStack): Promise<StackDiff> => {
    try {
      const objects = await diffStack({
        client,
        manifestsDir: paths.manifestsDir,
        stack: name,
        system: system.has(name),
        record: await readRecord(paths.deployedDir, name),
        status,
        grace: defaultGrace,
        budget,
        signal,
      });
      return { stack: name, problems: [], objects };
    } catch (err) {
      if (!(err instanceof BadManifests)) throw err;
      return { stack: name, problems: err.problems, objects: [] };
    }
  };
  const diffs: StackDiff[] = [];
  for (const stack of stacks) diffs.push(await diffOne(stack));
  return diffs;
}
