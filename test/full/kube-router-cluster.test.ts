// Three controllers and a worker where nothing is as usual, with kube-router and a ClusterConfig object. Scenarios `bind-address`,
// `custom-cidrs`, `customdomain`, `customports`, `customports-dynamicconfig`, `extraargs`, `kuberouter`, `multicontroller`,
// `nllb-traefik`.

import { expect, setDefaultTimeout, test } from "bun:test";
import { patchClusterConfig } from "../harness/cluster-config.ts";
import { clusterOfFile } from "../harness/cluster.ts";
import { changeLeader } from "../harness/leader.ts";
import { deployNetworkPods, podsOf } from "../harness/network-checks.ts";
import { environmentOf, podsAndStarts, processOf, restartsOf } from "../harness/system-pods.ts";
import type { TestMachine } from "../harness/test-machine.ts";
import { tunnelsSeen } from "../harness/tunnels.ts";

setDefaultTimeout(400_000);

const ports = { api: 6553, join: 9743, agents: 9132 };
const balancer = { apiServerBindPort: 7555, konnectivityServerBindPort: 7133 };
const names = ["c1", "c2", "c3"];

const cluster = clusterOfFile(
  {
    controllers: names.map((name) => ({ name, args: ["--enable-dynamic-config"] })),
    spec: {
      api: { port: ports.api, k0sApiPort: ports.join, onlyBindToAddress: true },
      konnectivity: { agentPort: ports.agents, adminPort: 9133 },
      network: {
        provider: "kuberouter",
        clusterDomain: "k0s.test",
        podCIDR: "10.150.0.0/22",
        serviceCIDR: "10.152.183.0/26",
        // Of both modes the one that opens NodePorts on all addresses.
        kubeProxy: { mode: "iptables" },
        kuberouter: { extraArgs: { "bgp-graceful-restart": "false" }, rawArgs: ["--v=1"] },
        nodeLocalLoadBalancing: { enabled: true, type: "Traefik", traefik: balancer },
      },
    },
    workers: [{ name: "w1" }],
  },
  async (started) => {
    await deployNetworkPods(started);
    await started.apply(selfish);
    await started.kubectl("wait", "--for=condition=Ready", "pod/self", "--timeout=240s");
  },
);

/** A server that asks itself. */
const selfish = `apiVersion: v1
kind: Pod
metadata: {name: self, labels: {app: self}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - {name: web, image: "localhost/k0s/web:1", imagePullPolicy: Never}
    - {name: client, image: "localhost/k0s/toolbox:1", imagePullPolicy: Never, command: [sleep, "1000000"]}
---
apiVersion: v1
kind: Service
metadata: {name: self}
spec: {selector: {app: self}, ports: [{port: 80, targetPort: 8080}]}
`;

const worker = (): TestMachine => cluster.worker("w1");
const label = "k8s-app=kube-router";

/** curl's exit code; 7 is a connection that was refused. */
async function curl(from: TestMachine, url: string): Promise<number> {
  return (await from.exec(["curl", "-sSk", "--max-time", "3", url])).code;
}
const refused = 7;

async function visitor(...command: readonly string[]): Promise<string> {
  const [pod] = await podsOf(cluster, "visitor");
  return cluster.kubectl("exec", pod?.name ?? "", "--", ...command);
}

test("bind-address: controllers have joined by one address, and nothing listens on another", async () => {
  expect(Object.keys(await cluster.controller.etcdMembers()).toSorted()).toEqual(names);
  for (const machine of cluster.controllers)
    for (const [what, port] of Object.entries(ports)) {
      const answers = async (host: string) => (await curl(machine, `https://${host}:${port}/`)) !== refused;
      expect([machine.name, what, await answers(machine.address)]).toEqual([machine.name, what, true]);
      expect([machine.name, what, await answers("127.0.0.1")]).toEqual([machine.name, what, false]);
    }
});

test("customdomain, custom-cidrs: pods have addresses and names of the configuration, and tunnels lead to them", async () => {
  const [pod] = await podsOf(cluster, "visitor");
  expect(pod?.ip).toMatch(/^10\.150\.[0-3]\./);
  const resolv = await visitor("cat", "/etc/resolv.conf");
  expect(resolv).toContain("search default.svc.k0s.test svc.k0s.test k0s.test");
  expect(resolv).toContain("nameserver 10.152.183.10\n");
  const web = "http://web.default.svc.k0s.test/";
  await cluster.controller.waitFor("an answer", async () =>
    (await visitor("curl", "-sS", "--max-time", "5", web)).includes("nginx on web-"),
  );
  const api = ["-sk", "--max-time", "5", "-o", "/dev/null", "-w", "%{http_code}", "https://10.152.183.1/api"];
  expect(await visitor("curl", ...api)).toBe("401");
  for (const machine of cluster.controllers) {
    await tunnelsSeen({ machine }, "w1", names);
    expect(await machine.kubectl("logs", pod?.name ?? "")).toContain("visitor is up");
  }
});

test("kuberouter: a pod reaches itself by its Service, by name and by localhost", async () => {
  // Its own name is that of the pod, not of the Service.
  for (const host of ["self.default.svc.k0s.test", "self:8080", "localhost:8080"]) {
    const ask = ["exec", "self", "-c", "client", "--", "curl", "-sS", "--max-time", "5", `http://${host}/`];
    await cluster.controller.waitFor(`itself as ${host}`, async () =>
      (await cluster.kubectl(...ask)).includes("nginx on self"),
    );
  }
});

test("extraargs: kube-router runs with arguments of the user's own in the place of those of k0s", async () => {
  const args = (await processOf(worker(), "/usr/local/bin/kube-router")).arguments;
  expect(args.filter((arg) => arg.startsWith("--bgp-graceful-restart"))).toEqual([
    "--bgp-graceful-restart=false",
  ]);
  expect(args.at(-1)).toBe("--v=1");
  expect(args).toContain("--service-cluster-ip-range=10.152.183.0/26");
});

test("nllb-traefik: the worker's own processes and kube-router go through the ports of that section", async () => {
  const machine = worker();
  await machine.waitFor("three endpoints", async () => {
    const { Details } = JSON.parse(await machine.k0s("status", "-o", "json")) as {
      Details: Record<string, string>;
    };
    const text = Details["API servers"] ?? "";
    return cluster.controllers.every(({ address }) => text.includes(`${address}:${ports.api} well`));
  });
  const kubeconfig = await machine.readFile("/run/k0s/nllb/kubeconfig.yaml");
  expect(kubeconfig).toContain(`server: https://127.0.0.1:${balancer.apiServerBindPort}`);
  const url = (port: number): string => `https://127.0.0.1:${port}/`;
  expect(await curl(machine, url(balancer.apiServerBindPort))).toBe(0);
  expect(await curl(machine, url(balancer.konnectivityServerBindPort))).not.toBe(refused);
  expect(await environmentOf(machine, await processOf(machine, "/usr/local/bin/kube-router"))).toMatchObject({
    KUBERNETES_SERVICE_HOST: "localhost",
    KUBERNETES_SERVICE_PORT: String(balancer.apiServerBindPort),
  });
});

test("customports-dynamicconfig: the object closes NodePorts on all but the node's own address", async () => {
  const { controller } = cluster;
  const object = ["get", "clusterconfig", "k0s", "-n", "kube-system", "-o", "json"];
  const { spec } = JSON.parse(await controller.kubectl(...object)) as { spec: Record<string, unknown> };
  expect(Object.keys(spec)).not.toContain("api");
  const second = "192.0.2.77";
  await worker().ok(["ip", "address", "add", `${second}/32`, "dev", "eth0"]);
  await controller.ok(["ip", "route", "add", second, "via", worker().address]);
  const answers = async (host: string) => (await curl(controller, `http://${host}:30080/`)) === 0;
  for (const host of [second, worker().address])
    await controller.waitFor(`the port on ${host}`, () => answers(host));
  await patchClusterConfig(controller, { network: { kubeProxy: { nodePortAddresses: ["primary"] } } });
  await controller.waitFor(`the end of the port on ${second}`, async () => !(await answers(second)));
  await controller.waitFor("the port on the node's own address", () => answers(worker().address));
  // It is kube-proxy that has closed it, and not for a moment.
  expect(await answers(second)).toBe(false);
});

test("multicontroller: another controller leads, pods start and are reached; kube-router has not started again", async () => {
  const before = await podsAndStarts(cluster, label);
  const leader = await changeLeader(cluster);
  await leader.kubectl("run", "late", "--image=localhost/k0s/web:1", "--image-pull-policy=Never");
  await leader.kubectl("wait", "--for=condition=Ready", "pod/late", "--timeout=240s");
  const ip = await leader.kubectl("get", "pod", "late", "-o", "jsonpath={.status.podIP}");
  await leader.waitFor("the new pod", async () =>
    (await visitor("curl", "-sS", "--max-time", "5", `http://${ip}:8080/`)).includes("nginx on late"),
  );
  expect(await podsAndStarts(cluster, label)).toEqual(before);
  expect(await restartsOf(cluster, label)).toBe(0);
});
