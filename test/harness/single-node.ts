// A single node with pods of its own: started, waited for, and started again.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { MachineProcess } from "../../src/sandbox/machine.ts";
import { importDemoImages } from "./demo-images.ts";
import type { TestMachine } from "./test-machine.ts";

/** Pods come and go by our will only, also where the disk that all machines share is rather full. */
const noEviction = "--kubelet-extra-args=--eviction-hard=nodefs.available<1%,imagefs.available<1%";

const readyLine = "The cluster is ready";

export const singleNodeCommand: readonly string[] = ["k0s", "controller", "--single", noEviction];

export interface StartOptions {
  /** Names the log; one for each start. */
  readonly log?: string;
  readonly args?: readonly string[];
}

/** Starts k0s and waits until it says that the cluster is ready. */
export async function startSingleNode(
  machine: TestMachine,
  { log = "k0s", args = [] }: StartOptions = {},
): Promise<MachineProcess> {
  const k0s = await machine.start(log, [...singleNodeCommand, ...args]);
  await waitClusterReady(machine, log);
  return k0s;
}

export async function waitClusterReady(machine: TestMachine, log: string): Promise<void> {
  await machine.waitFor("a ready cluster", async () => (await machine.readLog(log)).includes(readyLine));
}

export function kubectl(machine: TestMachine, ...args: readonly string[]): Promise<string> {
  return machine.ok(["k0s", "kubectl", ...args]);
}

/** Three web servers behind a Service and a pod that can ask them. */
export async function deployDemo(machine: TestMachine): Promise<void> {
  await importDemoImages(machine);
  await machine.ok(["k0s", "kubectl", "apply", "--server-side", "-f", "-"], {
    input: await readFile(join(import.meta.dir, "../main-job/web.yaml"), "utf8"),
  });
  await kubectl(machine, "rollout", "status", "deployment/web", "--timeout=240s");
  await kubectl(machine, "wait", "--for=condition=Ready", "pod/visitor", "--timeout=240s");
}

/** One line a container of any pod: `namespace/pod container id restarts`. */
export async function runningContainers(machine: TestMachine): Promise<string[]> {
  const { items } = JSON.parse(await kubectl(machine, "get", "pods", "-A", "-o", "json")) as {
    items: {
      metadata: { namespace: string; name: string };
      status: { containerStatuses?: { name: string; containerID?: string; restartCount: number }[] };
    }[];
  };
  return items
    .flatMap(({ metadata, status }) =>
      (status.containerStatuses ?? []).map(
        ({ name, containerID, restartCount }) =>
          `${metadata.namespace}/${metadata.name} ${name} ${containerID ?? "none"} ${restartCount}`,
      ),
    )
    .sort();
}

/** What the visiting pod gets from the Service. */
export function askDemo(machine: TestMachine, service = "web"): Promise<string> {
  const url = `http://${service}.default.svc.cluster.local/`;
  return kubectl(machine, "exec", "visitor", "--", "wget", "-qO-", url);
}

/** A Deployment and a Service come to life and another pod gets an answer: every component of the node has done its part. */
export async function deployAndAsk(machine: TestMachine, name: string): Promise<void> {
  await kubectl(machine, "create", "deployment", name, "--image=localhost/k0s/web:1", "--port=8080");
  await kubectl(machine, "expose", "deployment", name, "--port=80", "--target-port=8080");
  await kubectl(machine, "rollout", "status", `deployment/${name}`, "--timeout=240s");
  await machine.waitFor(`an answer of ${name}`, async () =>
    (await askDemo(machine, name)).includes("nginx on"),
  );
  await kubectl(machine, "delete", "deployment,service", name);
}
