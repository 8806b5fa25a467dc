// Pods of the system as a test compares them: whether they are the same, and have run all the time.

import type { TestCluster } from "./cluster.ts";
import { type MachineProcessInfo, machineProcesses } from "./machine-processes.ts";
import type { TestMachine } from "./test-machine.ts";

/** Each with its containers and how often they were started again, in the order of their names. */
export async function podsAndStarts(cluster: TestCluster, label: string): Promise<readonly string[]> {
  const started = "{.restartCount} {.containerID} ";
  const path = `{range .items[*]}{.metadata.name} {.metadata.uid} {range .status.containerStatuses[*]}${started}{end}{"\\n"}{end}`;
  const text = await cluster.kubectl(
    "-n",
    "kube-system",
    "get",
    "pods",
    "-l",
    label,
    "-o",
    `jsonpath=${path}`,
  );
  return text
    .trim()
    .split("\n")
    .map((line) => line.trim())
    .toSorted();
}

/** How often their containers were started again, all together. */
export async function restartsOf(cluster: TestCluster, label: string): Promise<number> {
  const path = "jsonpath={.items[*].status.containerStatuses[*].restartCount}";
  const text = await cluster.kubectl("-n", "kube-system", "get", "pods", "-l", label, "-o", path);
  const counts = text.split(" ").filter((count) => count !== "");
  if (counts.length === 0) throw new Error(`there are no pods ${label}`);
  return counts.reduce((all, count) => all + Number(count), 0);
}

/** The one process on this machine whose command line begins so. */
export async function processOf(
  machine: TestMachine,
  ...line: readonly string[]
): Promise<MachineProcessInfo> {
  const found = (await machineProcesses(machine)).filter((process) =>
    line.every((argument, at) => process.arguments[at] === argument),
  );
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new Error(`${found.length} processes on ${machine.name} begin with ${line.join(" ")}`);
  return only;
}

/** The environment that a process was started with. */
export async function environmentOf(
  machine: TestMachine,
  { pid }: Pick<MachineProcessInfo, "pid">,
): Promise<Readonly<Record<string, string>>> {
  const entries = (await machine.ok(["cat", `/proc/${pid}/environ`])).split("\0");
  return Object.fromEntries(entries.map((entry) => entry.split(/=(.*)/s).slice(0, 2)));
}
