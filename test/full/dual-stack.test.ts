// Scenarios `dualstack-calico` and `dualstack-kuberouter`: two nodes whose pods have an address of each family and reach
// each other, and Services, by both; and the same with IPv6 as the first family.

import { expect, test } from "bun:test";
import { addIpv6, podNetworks, serviceNetworks } from "../harness/ipv6-machine.ts";
import { deployNetworkPods, podsOf } from "../harness/network-checks.ts";
import { startWorkerCluster, type WorkerCluster } from "../harness/worker-cluster.ts";

const cases = [
  { provider: "calico", primary: "IPv4" },
  { provider: "kuberouter", primary: "IPv4" },
  { provider: "calico", primary: "IPv6" },
] as const;

for (const { provider, primary } of cases) {
  test(`${provider}, ${primary} first`, async () => {
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
      prepareController: addIpv6,
      workers: ["w1", "w2"].map((name) => ({ name, prepare: addIpv6 })),
    });
    try {
      await deployNetworkPods(cluster);
      await checkArguments(cluster, primary);
      await checkNodes(cluster, primary);
      await checkTraffic(cluster, primary);
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

async function checkArguments({ controller }: WorkerCluster, primary: Family): Promise<void> {
  const line = (name: string): Promise<string> =>
    controller.ok(["sh", "-c", `tr '\\0' ' ' </proc/$(cat /run/k0s/${name}.pid)/cmdline`]);
  const services = `--service-cluster-ip-range=${inOrder(serviceNetworks, primary)}`;
  expect(await line("kube-apiserver")).toContain(services);
  const manager = await line("kube-controller-manager");
  expect(manager).toContain(services);
  expect(manager).toContain(`--cluster-cidr=${inOrder(podNetworks, primary)}`);
  expect(manager).toContain("--node-cidr-mask-size-ipv4=24 --node-cidr-mask-size-ipv6=117");
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

test("IPv6 alone, behind its feature gate", async () => {
  await using cluster = await startWorkerCluster({
    spec: {
      api: { address: "fd00:c8::2" },
      network: { provider: "calico", podCIDR: podNetworks.IPv6, serviceCIDR: serviceNetworks.IPv6 },
    },
    controllerArgs: ["--feature-gates=IPv6SingleStack=true"],
    prepareController: addIpv6,
    workers: ["w1", "w2"].map((name) => ({ name, prepare: addIpv6 })),
  });
  try {
    await deployNetworkPods(cluster);
    const visitors = await podsOf(cluster, "visitor");
    const webs = (await podsOf(cluster, "web")).map(({ ip }) => `http://[${ip}]:8080/`);
    for (const { name } of visitors) {
      for (const url of [...webs, "http://web.default.svc.cluster.local/"]) {
        await cluster.controller.waitFor(`${url} from ${name}`, () =>
          cluster.kubectl("exec", name, "--", "curl", "-sS", "--fail", "--max-time", "5", url),
        );
      }
    }
  } catch (err) {
    console.error(await cluster.kubectl("get", "pods,nodes", "-A", "-o", "wide"));
    console.error(await cluster.network.logs());
    throw err;
  }
}, 900_000);
