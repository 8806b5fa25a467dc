// Scenarios `dualstack-calico` and `dualstack-kuberouter`, also with a ClusterConfig object: two nodes whose pods have an address of
// each family and reach each other, and Services, by both; and the same with IPv6 as the first family.

import { expect, test } from "bun:test";
import { patchClusterConfig } from "../harness/cluster-config.ts";
import { addIpv6, podNetworks, serviceNetworks } from "../harness/ipv6-machine.ts";
import { deployNetworkPods, podsOf } from "../harness/network-checks.ts";
import type { TestMachine } from "../harness/test-machine.ts";
import { startWorkerCluster, type WorkerCluster } from "../harness/worker-cluster.ts";

const cases = [
  { provider: "calico", primary: "IPv4", object: true },
  { provider: "kuberouter", primary: "IPv4", object: false },
  { provider: "calico", primary: "IPv6", object: false },
  { provider: "kuberouter", primary: "IPv6", object: true },
] as const;

for (const { provider, primary, object } of cases) {
  const name = `dualstack-${provider}${object ? "-dynamicconfig" : ""}`;
  test(`${name}: ${primary} first`, async () => {
    await using cluster = await startWorkerCluster({
      spec: {
        // The first machine of a network is number 2.
        ...(primary === "IPv6" ? { api: { address: "fd00:c8::2" } } : {}),
        network: {
          provider,
          primaryAddressFamily: primary,
          dualStack: {
            enabled: true,
            IPv6podCIDR: podNetworks.IPv6,
            IPv6serviceCIDR: serviceNetworks.IPv6,
          },
        },
      },
      controllerArgs: object ? ["--enable-dynamic-config"] : [],
      prepareController: addIpv6,
      workers: ["w1", "w2"].map((name) => ({ name, prepare: addIpv6 })),
    });
    try {
      await deployNetworkPods(cluster);
      await checkArguments(cluster, primary);
      await checkNodes(cluster, primary);
      await checkTraffic(cluster, primary);
      if (object) await checkObject(cluster, provider);
    } catch (err) {
      console.error(await cluster.kubectl("get", "pods,nodes", "-A", "-o", "wide"));
      console.error(await cluster.network.logs());
      throw err;
    }
  }, 900_000);
}

type Family = "IPv4" | "IPv6";

function inOrder(networks: Record<Family, string>, primary: Family): string {
  return (primary === "IPv4" ? [networks.IPv4, networks.IPv6] : [networks.IPv6, networks.IPv4]).join(",");
}

/** Of a running component, in one line. */
function argumentsOf(machine: TestMachine, name: string): Promise<string> {
  return machine.ok(["sh", "-c", `tr '\\0' ' ' </proc/$(cat /run/k0s/${name}.pid)/cmdline`]);
}

async function checkArguments({ controller, workers }: WorkerCluster, primary: Family): Promise<void> {
  const line = (name: string): Promise<string> => argumentsOf(controller, name);
  const services = `--service-cluster-ip-range=${inOrder(serviceNetworks, primary)}`;
  expect(await line("kube-apiserver")).toContain(services);
  const manager = await line("kube-controller-manager");
  expect(manager).toContain(services);
  expect(manager).toContain(`--cluster-cidr=${inOrder(podNetworks, primary)}`);
  expect(manager).toContain("--node-cidr-mask-size-ipv4=24 --node-cidr-mask-size-ipv6=117");
  // What kube-proxy would have as an argument is in the file that it is started with.
  for (const worker of workers.values()) {
    expect(await argumentsOf(worker, "kube-proxy")).toContain("--config=/run/k0s/kube-proxy/config.yaml");
    const config = await worker.ok(["cat", "/run/k0s/kube-proxy/config.yaml"]);
    expect(config).toContain(`clusterCIDR: ${inOrder(podNetworks, primary)}\n`);
  }
}

/** It is there, the cluster follows it, and what both families are is not in it to be changed. */
async function checkObject({ controller }: WorkerCluster, provider: string): Promise<void> {
  const path = "jsonpath={.spec.network.provider}";
  expect(await controller.kubectl("get", "clusterconfig", "k0s", "-n", "kube-system", "-o", path)).toBe(
    provider,
  );
  await patchClusterConfig(controller, { scheduler: { extraArgs: { "kube-api-qps": "63" } } });
  await controller.waitFor("the new flag", async () =>
    (await argumentsOf(controller, "kube-scheduler")).includes("--kube-api-qps=63"),
  );
  const networks = { podCIDR: "10.200.0.0/16", dualStack: { IPv6podCIDR: "fd00:245::/108" } };
  await patchClusterConfig(controller, { network: networks });
  await controller.waitFor("the refusal", async () =>
    (await controller.k0s("config", "status", "-o", "yaml")).includes("FailedReconciling"),
  );
}

async function checkNodes(cluster: WorkerCluster, primary: Family): Promise<void> {
  const path =
    "{range .items[*]}{.spec.podCIDRs} {.status.addresses[?(@.type=='InternalIP')].address}{\"\\n\"}{end}";
  const nodes = (await cluster.kubectl("get", "nodes", "-o", `jsonpath=${path}`)).trim().split("\n");
  expect(nodes).toHaveLength(2);
  for (const node of nodes) {
    expect(node).toMatch(primary === "IPv4" ? /\["10\.244\..*,"fd00:244::/ : /\["fd00:244::.*,"10\.244\./);
    expect(node).toMatch(primary === "IPv4" ? /10\.200\.\S+ fd00:c8::/ : /fd00:c8::\S+ 10\.200\./);
  }
  const dns = await cluster.kubectl(
    "-n",
    "kube-system",
    "get",
    "service",
    "kube-dns",
    "-o",
    "jsonpath={.spec.clusterIP}",
  );
  expect(dns).toBe(primary === "IPv4" ? "10.96.0.10" : "fd01::a");
}

async function checkTraffic(cluster: WorkerCluster, primary: Family): Promise<void> {
  await cluster.apply(service("both"));
  const visitors = await podsOf(cluster, "visitor");
  const webs = await addressesOf(cluster);
  const serviceIps = await cluster.kubectl("get", "service", "both", "-o", "jsonpath={.spec.clusterIPs[*]}");
  const urls = [
    ...webs.map((ip) => `http://${bracketed(ip)}:8080/`),
    ...serviceIps.split(" ").map((ip) => `http://${bracketed(ip)}/`),
    "http://both.default.svc.cluster.local/",
  ];
  expect(urls).toHaveLength(webs.length + 3);
  for (const { name } of visitors) {
    for (const url of urls) {
      await cluster.controller.waitFor(`${url} from ${name} (${primary} first)`, () =>
        cluster.kubectl("exec", name, "--", "curl", "-sS", "--fail", "--max-time", "5", url),
      );
    }
  }
}

/** Every address of every web server. */
async function addressesOf(cluster: WorkerCluster): Promise<string[]> {
  const path = "{.items[*].status.podIPs[*].ip}";
  const all = (await cluster.kubectl("get", "pods", "-l", "app=web", "-o", `jsonpath=${path}`)).split(" ");
  expect(all.filter((ip) => ip.startsWith("fd00:244::"))).toHaveLength(2);
  expect(all.filter((ip) => ip.startsWith("10.244."))).toHaveLength(2);
  return all;
}

function service(name: string): string {
  return `apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: web}, ipFamilyPolicy: RequireDualStack, ports: [{port: 80, targetPort: 8080}]}
`;
}

function bracketed(ip: string): string {
  return ip.includes(":") ? `[${ip}]` : ip;
}
