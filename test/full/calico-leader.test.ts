// Scenario `calico`, with three controllers and without a balancer: calico-node has the variables of the configuration, finds the
// API at its Service, and does not notice which controller leads.

import { expect, setDefaultTimeout, test } from "bun:test";
import { clusterOfFile } from "../harness/cluster.ts";
import { changeLeader } from "../harness/leader.ts";
import { deployNetworkPods, podsOf } from "../harness/network-checks.ts";
import { environmentOf, podsAndStarts, processOf, restartsOf } from "../harness/system-pods.ts";

setDefaultTimeout(400_000);

const cluster = clusterOfFile(
  {
    controllers: ["c1", "c2", "c3"].map((name) => ({ name })),
    spec: { network: { calico: { mtu: 1400, envVars: { FELIX_LOGSEVERITYSCREEN: "Info", OWN: "a b" } } } },
  },
  async (started) => {
    // By one that stays: without a balancer a worker has one controller.
    const token = await started.controllerNamed("c2").joinToken("worker");
    await started.addWorker({ name: "w1", token });
    await started.nodeReady("w1");
    await deployNetworkPods(started);
  },
);

const labels = ["k8s-app=calico-node", "k8s-app=calico-kube-controllers"];

const systemPods = async (): Promise<readonly (readonly string[])[]> =>
  await Promise.all(labels.map((label) => podsAndStarts(cluster, label)));

test("calico: calico-node runs with what the configuration says", async () => {
  const felix = await processOf(cluster.worker("w1"), "/bin/calico-node", "-felix");
  expect(await environmentOf(cluster.worker("w1"), felix)).toMatchObject({
    FELIX_LOGSEVERITYSCREEN: "Info",
    OWN: "a b",
    FELIX_VXLANMTU: "1400",
    KUBERNETES_SERVICE_HOST: "10.96.0.1",
    KUBERNETES_SERVICE_PORT: "443",
  });
  const conflist = await cluster.worker("w1").readFile("/etc/cni/net.d/10-calico.conflist");
  expect(JSON.parse(conflist)).toMatchObject({
    plugins: [{ type: "calico", mtu: 1400, kubernetes: { k8s_api_root: "https://10.96.0.1:443" } }, {}, {}],
  });
});

test("calico-node waits for the API with its first step, and with no other", async () => {
  const machine = cluster.worker("w1");
  const felix = await processOf(machine, "/bin/calico-node", "-felix");
  // Out of its image it does not find what it would become.
  const begins = async (flag: string, port: number) => {
    const api = ["KUBERNETES_SERVICE_HOST=127.0.0.1", `KUBERNETES_SERVICE_PORT=${port}`];
    const program = `/proc/${felix.pid}/root/bin/calico-node`;
    const { code, stderr } = await machine.exec(["timeout", "5", "env", ...api, program, flag]);
    return code === 1 && stderr.includes("no such file");
  };
  const kubelet = 10_250;
  const nobody = 1;
  expect(await begins("-startup", kubelet)).toBe(true);
  expect(await begins("-shutdown", nobody)).toBe(true);
  expect(await begins("-startup", nobody)).toBe(false);
});

test("every controller would write the same manifests", async () => {
  const sums = await Promise.all(
    cluster.controllers.map((machine) =>
      machine.ok(["sh", "-c", "cd /var/lib/k0s/manifests/calico && sha256sum *.yaml"]),
    ),
  );
  expect(sums[0]).toContain("calico-ConfigMap-kubernetes-services-endpoint.yaml");
  expect(new Set(sums).size).toBe(1);
});

test("another controller leads: no pod of Calico is replaced, none has started again, new pods get their network", async () => {
  const before = await systemPods();
  expect(before.flat()).toHaveLength(2);
  const leader = await changeLeader(cluster);
  await leader.kubectl("run", "late", "--image=localhost/k0s/web:1", "--image-pull-policy=Never");
  await leader.kubectl("wait", "--for=condition=Ready", "pod/late", "--timeout=240s");
  const [visitor] = await podsOf(cluster, "visitor");
  const ip = await leader.kubectl("get", "pod", "late", "-o", "jsonpath={.status.podIP}");
  const ask = ["exec", visitor?.name ?? "", "--", "curl", "-sS", "--max-time", "5", `http://${ip}:8080/`];
  await leader.waitFor("the new pod", async () => (await leader.kubectl(...ask)).includes("nginx on late"));
  const generation = [
    "-n",
    "kube-system",
    "get",
    "daemonset",
    "calico-node",
    "-o",
    "jsonpath={.metadata.generation}",
  ];
  expect(await leader.kubectl(...generation)).toBe("1");
  expect(await systemPods()).toEqual(before);
  for (const label of labels) expect(await restartsOf(cluster, label)).toBe(0);
});
