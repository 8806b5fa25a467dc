// The nodes of all cases, made once from their command lines.

import { parseClusterConfig } from "../../../config/load.ts";
import { dumpYaml } from "../../../std/yaml.ts";
import type { FlagSet, FlagValues } from "../../core/flag.ts";
import {
  controllerCommandFlags,
  controllerOptions,
  workerCommandFlags,
  workerOptions,
} from "../options.ts";
import { type MadeNode, madeNode, type NodeStart } from "./made-node.ts";
import { type HostFacts, plainNodes, type ProcessCase, processCases } from "./process-cases.ts";

const usualHost: HostFacts = {
  address: "192.0.2.10",
  workerAddress: "192.0.2.20",
  cgroupV1: false,
  sharedDisk: false,
  restrictOomScoreAdj: false,
  nftables: true,
  etcdMembers: undefined,
};
const noEnvironment = { takeSecret: () => undefined, root: true };

export async function allNodes(): Promise<ReadonlyMap<string, MadeNode>> {
  const nodes = new Map<string, MadeNode>();
  for (const [name, one] of allCases()) nodes.set(name, await madeNode(startOf(one)));
  return nodes;
}

/** The plain nodes first. */
export function allCases(): readonly (readonly [string, ProcessCase])[] {
  const plain = Object.keys(plainNodes) as (keyof typeof plainNodes)[];
  return [...plain.map((like) => [like, { like }] as const), ...Object.entries(processCases)];
}

function startOf({ like, spec = {}, ...given }: ProcessCase): NodeStart {
  const { role } = plainNodes[like];
  const flags = [...plainNodes[like].flags, ...(given.flags ?? [])];
  const host = { ...usualHost, ...given.host };
  const controller =
    role === "controller"
      ? controllerOptions(flagValues(controllerCommandFlags, flags), [], noEnvironment)
      : undefined;
  const options = controller ?? workerOptions(flagValues(workerCommandFlags, flags), [], noEnvironment);
  const { config } = parseClusterConfig(dumpYaml({ spec }), {
    single: controller?.single ?? false,
    dataDir: options.paths.dataDir,
    publicAddress: host.address,
    onlySupported: { featureGates: controller?.featureGates ?? { IPv6SingleStack: true } },
  });
  return { options, controller, config, host };
}

/** `--name=value`, or `--name` alone, in any order. */
function flagValues<F extends FlagSet>(set: F, words: readonly string[]): FlagValues<F> {
  const given = Map.groupBy(words, (word) => word.replace(/^--|=.*$/gs, ""));
  const values = Object.entries(set).map(([key, flag]) => {
    const texts = given.get(flag.name)?.map((word) => /=(.*)$/s.exec(word)?.[1] ?? "true");
    given.delete(flag.name);
    return [key, texts === undefined ? flag.defaultValue : flag.parse(texts)];
  });
  if (given.size > 0) throw new Error(`there is no flag ${[...given.keys()].join(", ")}`);
  return Object.fromEntries(values) as FlagValues<F>;
}
