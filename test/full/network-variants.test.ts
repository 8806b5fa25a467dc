// Scenarios `network-conformance-*`, our share of them: every provider with every mode of kube-proxy. What test/integration
// has already (Calico with nftables, kube-router with iptables) is left out.

import { describe, test } from "bun:test";
import { deployNetworkPods, networkChecks } from "../harness/network-checks.ts";
import { startWorkerCluster, type WorkerCluster } from "../harness/worker-cluster.ts";

const variants = [
  { provider: "calico", mode: "iptables" },
  { provider: "kuberouter", mode: "nftables" },
] as const;

for (const { provider, mode } of variants) {
  describe(`${provider}, kube-proxy in mode ${mode}`, () => {
    let cluster: WorkerCluster;

    test("a cluster of two workers starts", async () => {
      cluster = await startWorkerCluster({
        spec: { network: { provider, kubeProxy: { mode } } },
        workers: [{ name: "w0" }, { name: "w1" }],
      });
      await deployNetworkPods(cluster);
    }, 900_000);

    for (const [name, check] of Object.entries(networkChecks)) test(name, () => check(cluster), 300_000);

    test("it ends", () => cluster[Symbol.asyncDispose](), 60_000);
  });
}
