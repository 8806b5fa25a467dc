// One controller and workers that join it by tokens, each on a machine of its own.

import { readFile } from "node:fs/promises";
import { buildDemoImages } from "../../build/images/demo-images.ts";
import { type ClusterSpec, writeClusterConfig } from "./cluster-config.ts";
import { startNetwork, type TestMachine, type TestMachineOptions, type TestNetwork } from "./test-machine.ts";

export interface WorkerPlan extends TestMachineOptions {
  readonly name: string;
  /** Further arguments of `k0s worker`. */
  readonly args?: readonly string[];
  /** Called before k0s starts. */
  readonly prepare?: (machine: TestMachine) => Promise<void>;
}

export interface ClusterPlan {
  /** `spec` of the configuration. */
  readonly spec?: ClusterSpec;
  readonly dataDir?: string;
  /** What every k0s is started with beside its own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly controllerArgs?: readonly string[];
  readonly prepareController?: (machine: TestMachine) => Promise<void>;
  readonly workers: readonly WorkerPlan[];
}

export const tokenFile = "/etc/k0s-token";
const imagesFile = "demo.tar";

export class WorkerCluster implements AsyncDisposable {
  readonly network: TestNetwork;
  readonly plan: ClusterPlan;
  readonly controller: TestMachine;
  readonly workers = new Map<string, TestMachine>();

  constructor(network: TestNetwork, plan: ClusterPlan, controller: TestMachine) {
    this.network = network;
    this.plan = plan;
    this.controller = controller;
  }

  worker(name: string): TestMachine {
    const machine = this.workers.get(name);
    if (machine === undefined) throw new Error(`there is no worker ${name}`);
    return machine;
  }

  async startController(): Promise<void> {
    const { controller, plan } = this;
    const dataDir = plan.dataDir === undefined ? [] : [`--data-dir=${plan.dataDir}`];
    const args = plan.controllerArgs ?? [];
    await controller.start("k0s", [...this.withEnv(), "k0s", "controller", "--verbose", ...dataDir, ...args]);
    await controller.waitFor(
      "the API",
      async () => (await controller.exec(["k0s", "kubectl", "get", "--raw", "/readyz"])).code === 0,
      { intervalMs: 500 },
    );
  }

  kubectl(...args: readonly string[]): Promise<string> {
    return this.controller.ok(["k0s", "kubectl", ...args]);
  }

  apply(manifest: string): Promise<string> {
    const argv = ["k0s", "kubectl", "apply", "--server-side", "-f", "-"];
    return this.controller.ok(argv, { input: manifest });
  }

  async token(...args: readonly string[]): Promise<string> {
    return (await this.controller.ok(["k0s", "token", "create", ...args])).trim();
  }

  async addWorker(plan: WorkerPlan, token?: string): Promise<TestMachine> {
    const { args: _args, prepare, ...machineOptions } = plan;
    const machine = await this.network.machine(machineOptions);
    this.workers.set(plan.name, machine);
    const dir = `${this.plan.dataDir ?? "/var/lib/k0s"}/images`;
    await machine.ok(["mkdir", "-p", dir]);
    await machine.writeFile(`${dir}/${imagesFile}`, await readFile(await buildDemoImages()));
    await machine.writeFile(tokenFile, token ?? (await this.token()), 0o600);
    await prepare?.(machine);
    await this.startWorker(plan);
    return machine;
  }

  startWorker(plan: WorkerPlan) {
    const dataDir = this.plan.dataDir === undefined ? [] : [`--data-dir=${this.plan.dataDir}`];
    const argv = [
      ...this.withEnv(),
      "k0s",
      "worker",
      "--verbose",
      `--token-file=${tokenFile}`,
      ...dataDir,
      ...(plan.args ?? []),
    ];
    return this.worker(plan.name).start("k0s", argv);
  }

  private withEnv(): string[] {
    const variables = Object.entries(this.plan.env ?? {}).map(([name, value]) => `${name}=${value}`);
    return variables.length === 0 ? [] : ["env", ...variables];
  }

  async waitReady(node: string, timeoutMs = 240_000): Promise<void> {
    await this.controller.waitFor(
      `node ${node} Ready`,
      async () => {
        const path = "jsonpath={.status.conditions[?(@.type=='Ready')].status}";
        const { stdout } = await this.controller.exec(["k0s", "kubectl", "get", "node", node, "-o", path]);
        return stdout === "True";
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

  async [Symbol.asyncDispose](): Promise<void> {
    await this.network.destroy();
  }
}

/** The workers have joined and are Ready when it resolves. Logs are shown when that fails. */
export async function startWorkerCluster(plan: ClusterPlan): Promise<WorkerCluster> {
  const network = await startNetwork();
  try {
    const controller = await network.machine({ name: "controller" });
    const cluster = new WorkerCluster(network, plan, controller);
    await writeClusterConfig(controller, plan.spec ?? {});
    await plan.prepareController?.(controller);
    await cluster.startController();
    for (const worker of plan.workers) await cluster.addWorker(worker);
    await Promise.all(plan.workers.map(({ name, args }) => cluster.waitReady(nodeNameOf(name, args))));
    return cluster;
  } catch (err) {
    console.error(await network.logs());
    await network.destroy();
    throw err;
  }
}

function nodeNameOf(name: string, args: readonly string[] = []): string {
  const override = /--hostname-override=(\S+)/.exec(args.join(" "))?.[1];
  return (override ?? name).toLowerCase();
}
