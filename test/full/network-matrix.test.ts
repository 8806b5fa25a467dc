// Each network with each mode of kube-proxy that this kernel carries, by each family of a cluster that has both: what reaches what, as a
// table. The mode is changed in the running cluster. IPVS and WireGuard need kernels that only virtual machines have (test/vm);
// clusters of one family: network-variants, dual-stack.

import { afterAll, expect, test } from "bun:test";
import { writeClusterConfig } from "../harness/cluster-config.ts";
import { startCounting, takeCount } from "../harness/counted-lookups.ts";
import { addIpv6, podNetworks, serviceNetworks } from "../harness/ipv6-machine.ts";
import { deployNetworkPods, podsOf } from "../harness/network-checks.ts";
import {
  expectAllYes,
  type MatrixRow,
  matrixObjects,
  matrixRow,
  matrixTable,
} from "../harness/network-matrix.ts";
import { withLogs } from "../harness/with-machine.ts";
import { startWorkerCluster, type WorkerCluster } from "../harness/worker-cluster.ts";

const dns = "10.96.0.10";
const rows: MatrixRow[] = [];

const specOf = (provider: string, mode: string) => ({
  network: {
    provider,
    kubeProxy: { mode },
    nodeLocalDNS: { enabled: true },
    dualStack: { enabled: true, IPv6podCIDR: podNetworks.IPv6, IPv6serviceCIDR: serviceNetworks.IPv6 },
  },
});

for (const provider of ["calico", "kuberouter"]) {
  test(`${provider}: every check, by both families, in both modes`, async () => {
    await using cluster = await startWorkerCluster({
      spec: specOf(provider, "iptables"),
      prepareController: addIpv6,
      workers: ["w1", "w2"].map((name) => ({ name, prepare: addIpv6 })),
    });
    await withLogs(cluster.network, async () => {
      await deployNetworkPods(cluster);
      await cluster.apply(matrixObjects);
      await cluster.kubectl("rollout", "status", "daemonset/door", "--timeout=240s");
      const before = rows.length;
      for (const mode of ["iptables", "nftables"]) {
        if (mode !== "iptables") await switchMode(cluster, provider, mode);
        for (const family of ["IPv4", "IPv6"] as const)
          rows.push(await matrixRow(`${provider}, ${mode}, ${family}`, { cluster, family }));
      }
      await namesChangeWithoutALoss(cluster, provider);
      expectAllYes(rows.slice(before));
    });
  }, 1_500_000);
}

afterAll(() => console.log(matrixTable(rows)));

async function switchMode(cluster: WorkerCluster, provider: string, mode: string): Promise<void> {
  const { controller } = cluster;
  await controller.stopK0s();
  await writeClusterConfig(controller, specOf(provider, mode));
  await controller.restartK0s();
  await controller.apiReady();
  for (const worker of cluster.workers.values())
    await worker.waitFor(`mode ${mode} on ${worker.name}`, async () =>
      (await worker.ok(["cat", "/run/k0s/kube-proxy/config.yaml"])).includes(`mode: ${mode}\n`),
    );
}

/** A zone of the user's own, a roll of CoreDNS and one of the cache on each node, under a client that counts. */
async function namesChangeWithoutALoss(cluster: WorkerCluster, provider: string): Promise<void> {
  const { controller, kubectl } = cluster;
  const [visitor] = await podsOf(cluster, "visitor");
  const finds = (name: string, address: string, ...server: string[]) =>
    controller.waitFor(
      `${name} at ${server[0] ?? "the pod's own server"}`,
      async () =>
        (
          await cluster.tryKubectl("exec", visitor?.name ?? "", "--", "nslookup", "-type=a", name, ...server)
        ).stdout.includes(address),
      { timeoutMs: 240_000, intervalMs: 1_000 },
    );
  await kubectl("-n", "kube-system", "rollout", "status", "daemonset/node-local-dns", "--timeout=240s");
  const servers = await kubectl("exec", visitor?.name ?? "", "--", "cat", "/etc/resolv.conf");
  expect(servers).toContain(`nameserver 169.254.20.10\nnameserver ${dns}\n`);

  await startCounting(cluster, dns);
  await cluster.apply(custom);
  await finds("www.corp.test.", "192.0.2.7", dns);
  await finds("printer.test.", "192.0.2.8", dns);
  const roll = async (what: string): Promise<void> => {
    await kubectl("-n", "kube-system", "rollout", "restart", what);
    await kubectl("-n", "kube-system", "rollout", "status", what, "--timeout=240s");
  };
  await roll("deployment/coredns");
  const asked = await takeCount(cluster);
  console.log(`${provider}: CoreDNS: ${asked.asked} lookups, ${asked.lost.length} lost`);
  expect(asked.lost).toEqual([]);
  expect(asked.asked).toBeGreaterThan(100);

  // What CoreDNS has been told, the cache on the node knows.
  await finds("www.corp.test.", "192.0.2.7");
  await startCounting(cluster, "169.254.20.10");
  await roll("daemonset/node-local-dns");
  const local = await takeCount(cluster);
  console.log(`${provider}: cache on the node: ${local.asked} lookups, ${local.lost.length} lost`);
  expect(local.lost).toEqual([]);
}

const custom = `
apiVersion: v1
kind: ConfigMap
metadata: {name: coredns-custom, namespace: kube-system}
data:
  corp.server: |
    corp.test:53 {
      hosts {
        192.0.2.7 www.corp.test
      }
    }
  printer.override: |
    hosts {
      192.0.2.8 printer.test
      fallthrough
    }
`;
