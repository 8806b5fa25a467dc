// Which controller leads, and how it comes that another one does.

import type { TestCluster } from "./cluster.ts";
import type { TestMachine } from "./test-machine.ts";

const leases = "kube-node-lease";
/** Who holds it applies the system's objects. */
const leaderLease = "k0s-endpoint-reconciler";

/** The controller that holds a lease, as this one sees it. */
export async function holderOf(
  cluster: TestCluster,
  lease: string = leaderLease,
  by: TestMachine = cluster.controller,
): Promise<TestMachine | undefined> {
  const path = '{range .items[*]}{.metadata.name}={.spec.holderIdentity}{"\\n"}{end}';
  const { stdout } = await by.tryKubectl("get", "leases", "-n", leases, "-o", `jsonpath=${path}`);
  const holders = new Map(stdout.split("\n").map((line) => line.split("=") as [string, string]));
  const holder = holders.get(lease);
  if (holder === undefined || holder === "") return undefined;
  return cluster.controllers.find(({ name }) => holders.get(`k0s-ctrl-${name}`) === holder);
}

/**
 * Stops the k0s that leads, and starts it again when another one leads and has applied what a leader applies. Of three: the others
 * need the majority of etcd. Returns the new leader.
 */
export async function changeLeader(cluster: TestCluster): Promise<TestMachine> {
  const before = await cluster.controller.waitFor("a leader", () => holderOf(cluster));
  const others = cluster.controllers.filter((machine) => machine !== before);
  const [by] = others;
  if (by === undefined) throw new Error("there is no other controller");
  // Each leader applies the folders of its own host.
  for (const machine of others) {
    await machine.ok(["mkdir", "-p", "/var/lib/k0s/manifests/zz-leader"]);
    await machine.writeFile("/var/lib/k0s/manifests/zz-leader/mark.yaml", mark(machine.name));
  }
  await before.stopK0s();
  const patient = { timeoutMs: 120_000, intervalMs: 1_000 };
  const after = await by.waitFor(
    "another leader",
    async () => {
      const holder = await holderOf(cluster, leaderLease, by);
      return holder !== before && holder;
    },
    patient,
  );
  await by.waitFor(
    `what ${after.name} applies`,
    async () => (await by.tryKubectl("get", "configmap", `led-by-${after.name}`)).code === 0,
    patient,
  );
  await before.restartK0s();
  await before.apiReady();
  return after;
}

const mark = (name: string): string => `apiVersion: v1
kind: ConfigMap
metadata: {name: led-by-${name}, namespace: default}
`;
