// A cluster of test machines: controllers, the workers that join them, and what they are configured with.

import { afterAll, beforeAll } from "bun:test";
import { type ClusterSpec, writeClusterConfig } from "./cluster-config.ts";
import { putDemoImages } from "./demo-images.ts";
import type { K0sStart } from "./k0s-start.ts";
import { startNetwork, type TestMachine, type TestMachineOptions, type TestNetwork } from "./test-machine.ts";
import { withLogs } from "./with-machine.ts";

export interface NodePlan extends TestMachineOptions {
  readonly name: string;
  /** Further arguments of `k0s controller` or `k0s worker`. */
  readonly args?: readonly string[];
  /** Default: one that is made for it. */
  readonly token?: string;
  /** How it is given; default: in a file. */
  readonly tokenBy?: K0sStart["tokenBy"];
  /** What comes before `k0s` on the command line. */
  readonly through?: readonly string[];
  /** Of a controller: when it counts as started. Default: its API is ready. */
  readonly until?: "api" | "cluster";
  /** Whether the images of the tests' pods are there; default: on workers. */
  readonly demoImages?: boolean;
  /** Called before k0s starts for the first time. */
  readonly prepare?: (machine: TestMachine) => Promise<unknown>;
}

interface ClusterPlan {
  /** The first makes the cluster, the others join it at once. Default: one, named `controller`. */
  readonly controllers?: readonly NodePlan[];
  readonly workers?: readonly NodePlan[];
  /** Of /etc/k0s/k0s.yaml on each controller; default: there is no such file. */
  readonly spec?: ClusterSpec;
  readonly dataDir?: string;
  /** What every k0s is started with beside PATH, HOME and LANG. */
  readonly env?: Readonly<Record<string, string>>;
}

export class TestCluster implements AsyncDisposable {
  readonly controllers: TestMachine[] = [];
  readonly workers = new Map<string, TestMachine>();
  private readonly plan: ClusterPlan;
  private readonly plans = new Map<string, NodePlan>();
  private made: TestNetwork | undefined;

  constructor(plan: ClusterPlan) {
    this.plan = plan;
  }

  get network(): TestNetwork {
    if (this.made === undefined) throw new Error("the cluster has not been started");
    return this.made;
  }

  /** The first of its controllers that is still there. */
  get controller(): TestMachine {
    const [first] = this.controllers;
    if (first === undefined) throw new Error("the cluster has no controller");
    return first;
  }

  controllerNamed(name: string): TestMachine {
    const found = this.controllers.find((machine) => machine.name === name);
    if (found === undefined) throw new Error(`there is no controller ${name}`);
    return found;
  }

  worker(name: string): TestMachine {
    const machine = this.workers.get(name);
    if (machine === undefined) throw new Error(`there is no worker ${name}`);
    return machine;
  }

  /** Its controllers serve the API and its workers are Ready when this resolves; logs are shown when that fails. */
  async start(): Promise<void> {
    const { controllers = [{ name: "controller" }], workers = [] } = this.plan;
    const network = await startNetwork();
    this.made = network;
    await withLogs(network, async () => {
      const [first, ...others] = controllers;
      if (first !== undefined) await this.addController(first);
      await Promise.all(others.map((plan) => this.addController(plan)));
      for (const plan of workers) await this.addWorker(plan);
      await Promise.all(workers.map(({ name, args }) => this.nodeReady(nodeName(name, args))));
    });
  }

  /** A controller whose API is ready; it joins those that there are. */
  async addController(plan: NodePlan): Promise<TestMachine> {
    const { network, controllers } = this;
    const joining = controllers[0];
    this.plans.set(plan.name, plan);
    const machine = await network.machine(machineOptions(plan));
    if (plan.demoImages === true) await putDemoImages(machine, this.plan.dataDir);
    await plan.prepare?.(machine);
    if (this.plan.spec !== undefined) await writeClusterConfig(machine, this.plan.spec);
    const token = plan.token ?? (await joining?.joinToken("controller"));
    await this.startController(machine, token === undefined ? {} : { token });
    // In the order of the plan, whichever was ready first.
    controllers.push(machine);
    const order = [...this.plans.keys()];
    controllers.sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name));
    return machine;
  }

  /** Its machine goes at once, for good; returns it, for its name and address. */
  async loseController(name: string): Promise<TestMachine> {
    const lost = this.controllerNamed(name);
    this.controllers.splice(this.controllers.indexOf(lost), 1);
    await lost.destroy();
    return lost;
  }

  /** A worker on its way into the cluster, with the images of the tests' pods. */
  async addWorker(plan: NodePlan): Promise<TestMachine> {
    this.plans.set(plan.name, plan);
    const machine = await this.network.machine(machineOptions(plan));
    this.workers.set(plan.name, machine);
    if (plan.demoImages !== false) await putDemoImages(machine, this.plan.dataDir);
    const token = plan.token ?? (await this.controller.joinToken("worker"));
    await plan.prepare?.(machine);
    await machine.startK0s({ ...this.startOf("worker", plan), token });
    return machine;
  }

  /** Starts k0s as planned, with a token if it is to join; resolves when it counts as started. */
  async startController(
    machine: TestMachine = this.controller,
    start: Pick<K0sStart, "token" | "log" | "args"> = {},
  ): Promise<void> {
    const plan = this.plans.get(machine.name) ?? { name: machine.name };
    await machine.startK0s({ ...this.startOf("controller", plan), ...start });
    await (plan.until === "cluster" ? machine.clusterReady() : machine.apiReady());
  }

  private startOf(role: K0sStart["role"], plan: NodePlan): K0sStart {
    const { args = [], tokenBy = "file", through = [] } = plan;
    const dataDir = this.plan.dataDir === undefined ? [] : [`--data-dir=${this.plan.dataDir}`];
    // The log is shown when a test fails.
    return { role, args: ["--verbose", ...dataDir, ...args], tokenBy, through, env: this.plan.env ?? {} };
  }

  readonly kubectl: TestMachine["kubectl"] = (...args) => this.controller.kubectl(...args);
  readonly tryKubectl: TestMachine["tryKubectl"] = (...args) => this.controller.tryKubectl(...args);
  readonly apply: TestMachine["apply"] = (manifest) => this.controller.apply(manifest);

  /** One kubectl that watches, as long as the API stays: each look would be another. */
  async nodeReady(node: string, timeoutMs = 240_000): Promise<void> {
    await this.controller.waitFor(
      `node ${node} Ready`,
      async () => {
        const until = (what: string): Promise<string> =>
          this.kubectl("wait", `node/${node}`, `--for=${what}`, "--timeout=30s");
        await until("create");
        return until("condition=Ready");
      },
      { timeoutMs, intervalMs: 500 },
    );
  }

  /** The parts of kube-system that pods need are there and Ready. */
  async systemPodsReady(): Promise<void> {
    for (const name of ["deployment/coredns", "deployment/metrics-server"])
      await this.controller.waitFor(name, () =>
        this.kubectl("-n", "kube-system", "rollout", "status", name, "--timeout=240s"),
      );
  }

  /** Its machines go at once, with all that runs on them. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.made?.destroy();
  }
}

/** For `await using`. */
export async function startTestCluster(plan: ClusterPlan = {}): Promise<TestCluster> {
  return await started(new TestCluster(plan));
}

/** The cluster once it runs; one that cannot be started leaves nothing behind. */
export async function started<Cluster extends TestCluster>(cluster: Cluster): Promise<Cluster> {
  try {
    await cluster.start();
    return cluster;
  } catch (err) {
    await cluster[Symbol.asyncDispose]();
    throw err;
  }
}

/** One cluster for all tests of a file: there before the first of them, with what `given` adds to it, gone after the last. */
export function clusterOfFile(
  plan: ClusterPlan,
  given: (cluster: TestCluster) => Promise<unknown> = async () => {},
): TestCluster {
  const cluster = new TestCluster(plan);
  beforeAll(async () => {
    await cluster.start();
    await withLogs(cluster.network, () => given(cluster));
  }, 900_000);
  afterAll(() => cluster[Symbol.asyncDispose](), 300_000);
  return cluster;
}

function machineOptions(plan: NodePlan): TestMachineOptions {
  const { args: _args, token: _token, tokenBy: _tokenBy, through: _through, ...rest } = plan;
  const { until: _until, demoImages: _images, prepare: _prepare, ...options } = rest;
  return options;
}

function nodeName(name: string, args: readonly string[] = []): string {
  const override = /--hostname-override=(\S+)/.exec(args.join(" "))?.[1];
  return (override ?? name).toLowerCase();
}
