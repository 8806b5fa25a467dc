// One node that several files of tests share, and short ways to talk to its cluster.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExecResult } from "../../../src/sandbox/machine.ts";
import { importDemoImages } from "../../harness/demo-images.ts";
import type { TestMachine, TestMachineOptions, TestNetwork } from "../../harness/test-machine.ts";

export interface SingleNode {
  readonly machine: TestMachine;
  /** Runs kubectl, which must succeed; returns what it printed. */
  readonly kubectl: (...args: readonly string[]) => Promise<string>;
  /** Runs kubectl to its end, however that is. */
  readonly tryKubectl: (...args: readonly string[]) => Promise<ExecResult>;
  readonly apply: (manifest: string) => Promise<string>;
  /** Applies a file beside this one. */
  readonly applyFixture: (name: string) => Promise<string>;
}

export interface SingleNodeOptions extends TestMachineOptions {
  readonly prepare?: (machine: TestMachine) => Promise<unknown>;
  /** Default: `k0s controller --single`. */
  readonly command?: readonly string[];
  /** The `spec` of /etc/k0s/k0s.yaml, as YAML; default: there is no such file. */
  readonly spec?: string;
  readonly dataDir?: string;
}

/** Runs k0s until its cluster is ready and has the images of the tests. */
export async function startSingleNode(
  network: TestNetwork,
  options: SingleNodeOptions = {},
): Promise<SingleNode> {
  const {
    prepare,
    command = ["k0s", "controller", "--single"],
    spec,
    dataDir = "/var/lib/k0s",
    ...machineOptions
  } = options;
  const machine = await network.machine({ name: "single", ...machineOptions });
  await prepare?.(machine);
  if (spec !== undefined) {
    await machine.ok(["mkdir", "-p", "/etc/k0s"]);
    await machine.writeFile("/etc/k0s/k0s.yaml", clusterConfig(spec));
  }
  await machine.start("k0s", command);
  await clusterReady(machine);
  await importDemoImages(machine, dataDir);
  return singleNodeOn(machine);
}

/** Three web servers behind a Service and a pod that can ask them, all of them ready. */
export async function startWeb({ apply, kubectl }: SingleNode): Promise<void> {
  await apply(await readFile(join(import.meta.dir, "../../main-job/web.yaml"), "utf8"));
  await kubectl("rollout", "status", "deployment/web", "--timeout=240s");
  await kubectl("wait", "--for=condition=Ready", "pod/visitor", "--timeout=240s");
}

/** Waits until k0s says, for the `times`-th time in its log, that its cluster is ready. */
export async function clusterReady(machine: TestMachine, times = 1): Promise<void> {
  try {
    await machine.waitFor(
      "a ready cluster",
      async () => (await machine.readLog("k0s")).split('msg="The cluster is ready"').length > times,
    );
  } catch (err) {
    console.error(await machine.logs());
    throw err;
  }
}

function clusterConfig(spec: string): string {
  const indented = spec.replaceAll(/^(?=.)/gm, "  ");
  return `apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\nspec:\n${indented}\n`;
}

function singleNodeOn(machine: TestMachine): SingleNode {
  const apply = (manifest: string): Promise<string> =>
    machine.ok(["k0s", "kubectl", "apply", "--server-side", "-f", "-"], {
      input: manifest,
    });
  return {
    machine,
    kubectl: (...args) => machine.ok(["k0s", "kubectl", ...args]),
    tryKubectl: (...args) => machine.exec(["k0s", "kubectl", ...args]),
    apply,
    applyFixture: async (name) => apply(await readFile(join(import.meta.dir, "fixtures", name), "utf8")),
  };
}
