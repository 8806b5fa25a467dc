// Scenarios `calico-ipv6`, `kuberouter-ipv6`, `nllb-ipv6` and our share of `network-conformance-*-ipv6`: a controller and two workers
// with IPv6 alone, behind its feature gate, and with the balancer on the nodes.

import { describe, expect, test } from "bun:test";
import { clusterOfFile } from "../harness/cluster.ts";
import { addIpv6, ipv6Of, podNetworks, serviceNetworks } from "../harness/ipv6-machine.ts";
import { deployNetworkPods, networkChecks, podsOf } from "../harness/network-checks.ts";
import { environmentOf, processOf, restartsOf } from "../harness/system-pods.ts";

const providers = [
  {
    provider: "calico",
    settings: { calico: { envVars: { OWN: "a b" } } },
    process: ["/bin/calico-node", "-felix"],
    variables: {
      OWN: "a b",
      FELIX_IPV6SUPPORT: "true",
      IP: "none",
      CALICO_IPV6POOL_CIDR: podNetworks.IPv6,
    },
    label: "k8s-app=calico-node",
  },
  {
    provider: "kuberouter",
    settings: {},
    process: ["/usr/local/bin/kube-router"],
    variables: {},
    label: "k8s-app=kube-router",
  },
] as const;

for (const { provider, settings, process, variables, label } of providers) {
  describe(`${provider}-ipv6: ${provider} with IPv6 alone`, () => {
    const cluster = clusterOfFile(
      {
        controllers: [
          { name: "controller", args: ["--feature-gates=IPv6SingleStack=true"], prepare: addIpv6 },
        ],
        spec: {
          // The first machine of a network is number 2.
          api: { address: "fd00:c8::2" },
          network: {
            provider,
            podCIDR: podNetworks.IPv6,
            serviceCIDR: serviceNetworks.IPv6,
            nodeLocalLoadBalancing: { enabled: true },
            ...settings,
          },
        },
        workers: ["w1", "w2"].map((name) => ({ name, prepare: addIpv6 })),
      },
      deployNetworkPods,
    );

    test("pods and nodes have addresses of that family and no other", async () => {
      for (const { ip } of await podsOf(cluster, "web")) expect(ip).toStartWith("fd00:244::");
      const ips = '{range .items[*]}{.status.podIPs[*].ip}{"\\n"}{end}';
      const pods = await cluster.kubectl("get", "pods", "-l", "app=web", "-o", `jsonpath=${ips}`);
      expect(pods).not.toMatch(/ |\./);
      const path = "jsonpath={.items[*].status.addresses[?(@.type=='InternalIP')].address}";
      const nodes = (await cluster.kubectl("get", "nodes", "-o", path)).split(" ");
      expect(nodes.toSorted()).toEqual([...cluster.workers.values()].map(ipv6Of).toSorted());
    });

    for (const [name, check] of Object.entries(networkChecks)) test(name, () => check(cluster), 300_000);

    test("nllb-ipv6: the balancer of the node leads to the API by IPv6", async () => {
      const machine = cluster.worker("w1");
      await machine.waitFor("connections", async () => {
        const { Details } = JSON.parse(await machine.k0s("status", "-o", "json")) as {
          Details: Record<string, string>;
        };
        return /^\[fd00:c8::2\]:6443 well \([1-9]/.test(Details["API servers"] ?? "");
      });
      expect(await environmentOf(machine, await processOf(machine, ...process))).toMatchObject({
        KUBERNETES_SERVICE_HOST: "localhost",
        KUBERNETES_SERVICE_PORT: "7443",
        ...variables,
      });
    });

    test("the network's own pods have not started again", async () => {
      expect(await restartsOf(cluster, label)).toBe(0);
    });
  });
}
