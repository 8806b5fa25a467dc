// A throw-away cluster in a sandbox: machines, a k0s on each that joins by token, and the wait until the cluster is usable.

import { readFile } from "node:fs/promises";
import { loadClusterConfig } from "../config/load.ts";
import type { ConfigRule } from "../config/rules/config-rule.ts";
import { defaultDataDir } from "../product/paths.ts";
import { UserError } from "../std/errors.ts";
import type { Progress } from "../std/progress.ts";
import { k0sInMachine, nodeReady, startNode } from "./cluster-node.ts";
import { type ClusterPlan, defaultConfig, planCluster, type PlannedNode } from "./cluster-shape.ts";
import { awaitCluster, unlessLost } from "./await-cluster.ts";
import type { Machine } from "./machine.ts";
import type { MachineRoot } from "./machine-spec.ts";
import { openSandbox, type Sandbox } from "./sandbox.ts";
import type { SandboxState } from "./sandbox-state.ts";

export interface ClusterOptions {
  readonly name: string;
  /** Default 1: a single node. */
  readonly controllers?: number;
  readonly workers?: number;
  /** The k0s file that runs in the machines. */
  readonly k0sPath: string;
  /** Default: the host's own file system. */
  readonly root?: MachineRoot;
  /** Further arguments of `k0s controller`. */
  readonly args?: readonly string[];
  /** Configuration file of the cluster on this host, and what it is checked by besides its own rules. */
  readonly configFile?: string;
  readonly rules: readonly ConfigRule[];
  /** Let the machines reach what the host reaches. */
  readonly uplink?: boolean;
  /** The cluster ends with this process. */
  readonly ephemeral?: boolean;
  /** Leave the machines when k0s does not start. */
  readonly keepFailed?: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface Cluster {
  readonly sandbox: Sandbox;
  /** The first controller comes first. */
  readonly machines: readonly Machine[];
}

/** Makes the cluster and waits until every system pod is ready. What was made is removed again when that fails. */
export async function createSandbox(options: ClusterOptions): Promise<Cluster> {
  const { name, signal } = options;
  const shape = { controllers: options.controllers ?? 1, workers: options.workers ?? 0 };
  const plan = planCluster(name, shape);
  await refuseWrongConfig(options, plan);
  const config =
    options.configFile === undefined ? defaultConfig(shape) : await readFile(options.configFile, "utf8");
  const sandbox = await openSandbox({
    name,
    ephemeral: options.ephemeral ?? false,
    uplink: options.uplink ?? false,
    signal,
  });
  const started: Started = {};
  try {
    const maker: Maker = { ...options, sandbox, config, started, many: !plan.single };
    const machines = await runPlan(plan, maker);
    return { sandbox, machines };
  } catch (err) {
    // What runs in it is noted anyway, so that `k0s sandbox list` and `status` can tell how it is.
    if (options.keepFailed === true && !signal.aborted) await sandbox.complete(started.cluster);
    else await sandbox.destroy();
    throw err;
  }
}

/** The k0s of the first machine, once it runs. */
interface Started {
  cluster?: NonNullable<SandboxState["cluster"]>;
}

interface Maker extends ClusterOptions {
  readonly sandbox: Sandbox;
  readonly config: string | undefined;
  readonly started: Started;
  /** Whether steps must say of which machine they are. */
  readonly many: boolean;
}

async function runPlan({ first, others }: ClusterPlan, maker: Maker): Promise<readonly Machine[]> {
  const { sandbox } = maker;
  const firstMachine = await makeMachine(first, maker);
  await run(firstMachine, first, maker);
  const joined: Machine[] = [];
  // Controllers first: a worker that starts learns of all of them at once.
  for (const role of ["controller", "worker"] as const) {
    const nodes = others.filter((node) => node.role === role);
    const machines: [Machine, PlannedNode][] = [];
    for (const node of nodes) machines.push([await makeMachine(node, maker), node]);
    await Promise.all(
      machines.map(async ([machine, node]) => {
        const token = await tokenOf(firstMachine, role, maker.signal);
        await run(machine, node, maker, token);
      }),
    );
    joined.push(...machines.map(([machine]) => machine));
  }
  const machines = [firstMachine, ...joined];
  if (others.length > 0) {
    const step = maker.progress.step("cluster ready");
    await awaitCluster({ ...maker, machines });
    step.done();
  }
  await sandbox.complete(maker.started.cluster);
  return machines;
}

async function makeMachine(node: PlannedNode, maker: Maker): Promise<Machine> {
  const { sandbox, progress, signal } = maker;
  const step = progress.step(`machine ${node.machine}`);
  const machine = await sandbox.createMachine(
    {
      name: node.machine,
      root: maker.root ?? { kind: "host" },
      binds: [{ source: maker.k0sPath, target: k0sInMachine, readOnly: true }],
    },
    signal,
  );
  step.done(machine.address);
  return machine;
}

async function run(machine: Machine, node: PlannedNode, maker: Maker, joinToken?: string): Promise<void> {
  const isController = node.role === "controller";
  const progress = maker.many ? prefixed(maker.progress, node.machine) : maker.progress;
  const k0s = await startNode(machine, {
    role: node.role,
    args: [...node.args, ...(isController ? (maker.args ?? []) : [])],
    config: isController ? maker.config : undefined,
    joinToken,
  });
  maker.started.cluster ??= { machine: machine.name, k0s };
  const follow = (signal: AbortSignal): Promise<void> => nodeReady(machine, k0s, { progress, signal });
  await unlessLost(machine, follow, maker.signal);
}

async function tokenOf(machine: Machine, role: PlannedNode["role"], signal: AbortSignal): Promise<string> {
  const argv = [k0sInMachine, "token", "create", "--role", role, "--wait"];
  return (await succeeded(machine, argv, signal)).trim();
}

async function succeeded(machine: Machine, argv: readonly string[], signal: AbortSignal): Promise<string> {
  const { code, stdout, stderr } = await machine.exec(argv, { signal, timeoutMs: 660_000 });
  if (code === 0) return stdout;
  throw new UserError(`${argv.slice(1).join(" ")} failed on ${machine.name}: ${stderr.trim()}`, {
    code: "sandbox-step-failed",
    hint: "Create it with --keep to look at what is left: k0s sandbox exec NAME/MACHINE -- COMMAND",
  });
}

function prefixed(progress: Progress, machine: string): Progress {
  return {
    ...progress,
    step: (name) => progress.step(`${machine}: ${name}`),
    wait: (text) => progress.wait(text === "" ? "" : `${machine}: ${text}`),
  };
}

/** Before anything is made. */
async function refuseWrongConfig(
  { configFile, rules }: Pick<ClusterOptions, "configFile" | "rules">,
  { single }: ClusterPlan,
): Promise<void> {
  if (configFile === undefined) return;
  await loadClusterConfig({
    path: configFile,
    rules,
    single,
    dataDir: defaultDataDir,
    publicAddress: "10.200.0.2",
    // `--args` may open a feature gate: the start decides about that.
    onlySupported: { featureGates: { IPv6SingleStack: true } },
  });
}
