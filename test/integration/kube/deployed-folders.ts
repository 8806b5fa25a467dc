// A deployer over folders of a temporary directory, on a real API server, and what it says of each stack.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createStackDeployer } from "../../../src/deployer/stack-deployer.ts";
import type { StackDeployer } from "../../../src/deployer/stack-deployer.ts";
import type { StackPhase, StackStatus } from "../../../src/deployer/stack-status.ts";
import { readStatusData, statusesOf } from "../../../src/deployer/status-object.ts";
import type { KubeClient } from "../../../src/kube/client.ts";
import { alwaysLeader } from "../../../src/kube/lease.ts";
import type { LeaderElector } from "../../../src/kube/lease.ts";
import type { KubeObject } from "../../../src/kube/types.ts";
import { controllerRole } from "../../../src/roles/controller.ts";
import { systemStacksOf } from "../../../src/roles/folds/workloads.ts";
import { lookPause } from "../../harness/look-pause.ts";
import { pollUntil } from "../../../src/std/wait.ts";
import type { TestApiServer } from "./api-server.ts";
import { memoryLog } from "./memory-log.ts";
import type { MemoryLog } from "./memory-log.ts";

export const grace = { ordinaryMs: 500, preciousMs: 1_500 };

export interface DeployerOptions {
  readonly leader?: LeaderElector;
  /** In place of the administrator's. */
  readonly client?: KubeClient;
  /** Controllers of several names have records of their own. */
  readonly name?: string;
  /** Where these are kept; by default in a directory of their own. */
  readonly records?: string;
}

export interface DeployedFolders {
  readonly dir: string;
  readonly log: MemoryLog;
  /** In <manifests>. */
  path(...names: string[]): string;
  write(path: string, content: string | Uint8Array): Promise<void>;
  recordsOf(name?: string): string;
  start(options?: DeployerOptions): Promise<StackDeployer>;
  /** Waits until the stack has this phase, and says how it is. */
  becomes(stack: string, phase: StackPhase, timeoutMs?: number): Promise<StackStatus>;
  find(name: string, kind?: string): Promise<KubeObject | undefined>;
  /** Waits for a ConfigMap. */
  appears(name: string): Promise<KubeObject>;
  /** Gone or about to go: the garbage collector, which ends a foreground deletion, does not run here. */
  vanishes(name: string): Promise<unknown>;
  end(): Promise<void>;
}

export async function deployedFolders(api: TestApiServer): Promise<DeployedFolders> {
  const dir = await mkdtemp(join(tmpdir(), "k0s-folders-"));
  const log = memoryLog();
  const running = new Set<StackDeployer>();
  const path = (...names: string[]): string => join(dir, "manifests", ...names);
  const recordsOf = (name = "one"): string => join(dir, `${name}-deployed`);
  const statusOf = async (stack: string): Promise<StackStatus | undefined> =>
    statusesOf((await readStatusData(api.client, AbortSignal.timeout(60_000))) ?? {}).get(stack);
  const find = (name: string, kind = "ConfigMap"): Promise<KubeObject | undefined> =>
    api.client.find({ apiVersion: "v1", kind, namespace: "default", name });
  await mkdir(path());
  return {
    dir,
    log,
    path,
    recordsOf,
    async write(file, content) {
      await mkdir(dirname(path(file)), { recursive: true });
      await writeFile(path(file), content);
    },
    async start({ leader = alwaysLeader(), name = "one", client = api.client, records } = {}) {
      const deployer = createStackDeployer({
        client: async () => client,
        systemStacks: systemStacksOf(controllerRole),
        manifestsDir: path(),
        inventoryDir: records ?? recordsOf(name),
        under: "",
        machine: name,
        controller: name,
        leader,
        log,
        timing: { replacedMs: 50, writtenMs: 100, pollMs: 300, driftMs: 500, grace, statusMs: 50 },
      });
      running.add(deployer);
      await deployer.init?.(AbortSignal.timeout(60_000));
      await deployer.start(AbortSignal.timeout(60_000));
      return deployer;
    },
    becomes: (stack, phase, timeoutMs = 120_000) => {
      let last: StackStatus | undefined;
      return pollUntil(
        async () => {
          last = await statusOf(stack);
          return last?.phase === phase && last;
        },
        { what: `stack ${stack} to be ${phase}`, intervalMs: 50, timeoutMs },
      ).catch((err: unknown) => {
        throw new Error(`stack ${stack} is not ${phase}: ${JSON.stringify(last)}`, { cause: err });
      });
    },
    find,
    appears: (name) =>
      pollUntil(() => find(name), { what: name, intervalMs: lookPause(20), timeoutMs: 120_000 }),
    vanishes: (name) =>
      pollUntil(
        async () => {
          const object = await find(name);
          return object === undefined || object.metadata.deletionTimestamp !== undefined;
        },
        { what: `${name} to go`, intervalMs: lookPause(50), timeoutMs: 120_000 },
      ),
    async end() {
      await Promise.all([...running].map((deployer) => deployer.stop()));
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A ConfigMap of the namespace `default` as YAML. */
export function configMap(name: string, data: Readonly<Record<string, string>> = { value: "1" }): string {
  const lines = Object.entries(data).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}\n`);
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: default\ndata:\n${lines.join("")}`;
}
