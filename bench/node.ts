// A node to measure: k0s in a machine of its own, with a Bun beside it that asks the API from inside.

import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { sleep } from "../src/std/wait.ts";
import type { MachineProcess } from "../src/sandbox/machine.ts";
import { type ClusterSpec, writeClusterConfig } from "../test/harness/cluster-config.ts";
import type { TestMachine, TestNetwork } from "../test/harness/test-machine.ts";
import type { Variant } from "./variant.ts";

const repoRoot = join(import.meta.dir, "..");
const bun = "/opt/bench/bun";

export interface NodeOptions extends Variant {
  readonly name: string;
  /** Arguments of k0s. */
  readonly args: readonly string[];
  /** Of its configuration file; default: there is none. */
  readonly spec?: ClusterSpec;
}

/** What a program in the machine found out. */
type Answer = Readonly<Record<string, number>>;

export class BenchNode {
  readonly machine: TestMachine;
  private readonly network: TestNetwork;
  private readonly options: NodeOptions;
  private running: MachineProcess | undefined;
  private lastStart = 0;
  private lastWork = 0;

  private constructor(network: TestNetwork, machine: TestMachine, options: NodeOptions) {
    this.network = network;
    this.machine = machine;
    this.options = options;
  }

  /** A machine with an empty disk; k0s does not run yet. */
  static async create(network: TestNetwork, options: NodeOptions): Promise<BenchNode> {
    const { name, spec, k0s } = options;
    const machine = await network.machine({
      name,
      root: "debian",
      ...(k0s === undefined ? {} : { k0s }),
      binds: [
        { source: await realpath(process.execPath), target: bun, readOnly: true },
        { source: repoRoot, target: repoRoot, readOnly: true },
      ],
    });
    if (spec !== undefined) await writeClusterConfig(machine, spec);
    return new BenchNode(network, machine, options);
  }

  /** Starts k0s; returns when that was, as Date.now(). */
  async startK0s(...more: readonly string[]): Promise<number> {
    const { args, env = {} } = this.options;
    this.lastStart = Date.now();
    this.running = await this.machine.start("k0s", ["k0s", ...args, ...more], { env });
    return this.lastStart;
  }

  /** Waits until so much time has passed since the last start or load. */
  async rest(ms: number, signal: AbortSignal): Promise<void> {
    const since = Math.max(this.lastStart, this.lastWork);
    await sleep(Math.max(0, since + ms - Date.now()), signal);
  }

  /** Runs a load, after which its programs are busy for a while. */
  async askLoad(program: string, ...args: readonly string[]): Promise<Answer> {
    const found = await this.ask(program, ...args);
    this.lastWork = Date.now();
    return found;
  }

  /** Ends k0s by SIGTERM and waits for it. */
  async stopK0s(): Promise<void> {
    const { running } = this;
    if (running === undefined) return;
    await running.kill("SIGTERM");
    await running.exited;
    this.running = undefined;
  }

  /** Runs a program of bench/in-machine in the machine; what it prints is JSON. */
  ask(program: string, ...args: readonly string[]): Promise<Answer> {
    return this.run([bun, join(repoRoot, "bench", "in-machine", `${program}.ts`), ...args]);
  }

  /** The same in the network of a pod's process, found by its command. */
  async askInPod(comm: string, program: string, ...args: readonly string[]): Promise<Answer> {
    const pid = (await this.machine.ok(["pgrep", "-o", "-x", comm])).trim();
    const script = join(repoRoot, "bench", "in-machine", `${program}.ts`);
    return await this.run(["nsenter", "-t", pid, "-n", bun, script, ...args]);
  }

  log(): Promise<string> {
    return this.machine.readLog("k0s");
  }

  private async run(argv: readonly string[]): Promise<Answer> {
    try {
      return JSON.parse(await this.machine.ok(argv, { timeoutMs: 300_000 })) as Answer;
    } catch (err) {
      console.error(await this.network.logs());
      throw err;
    }
  }
}
