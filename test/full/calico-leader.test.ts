// Scenario `calico`, with three controllers: calico-node has the variables of the configuration, finds the API by the balancer of
// its node, and does not notice which controller leads.

import { expect, setDefaultTimeout, test } from "bun:test";
import { clusterOfFile } from "../harness/cluster.ts";
import { changeLeader } from "../harness/leader.ts";
import { deployNetworkPods, podsOf } from "../harness/network-checks.ts";
import { environmentOf, podsAndStarts, processOf, restartsOf } from "../harness/system-pods.ts";

setDefaultTimeout(400_000);

const cluster = clusterOfFile(
  {
    controllers: ["c1", "c2", "c3"].map((name) => ({ name })),
    workers: [{ name: "w1" }],
    spec: {
      network: {
        nodeLocalLoadBalancing: { enabled: true },
        calico: { mtu: 1400, envVars: { FELIX_LOGSEVERITYSCREEN: "Info", OWN: "a b" } },
      },
    },
  },
  deployNetworkPods,
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
    KUBERNETES_SERVICE_HOST: "localhost",
    KUBERNETES_SERVICE_PORT: "7443",
  });
  const conflist = await cluster.worker("w1").readFile("/etc/cni/net.d/10-calico.conflist");
  expect(JSON.parse(conflist)).toMatchObject({
    plugins: [{ type: "calico", mtu: 1400, kubernetes: { k8s_api_root: "https://localhost:7443" } }, {}, {}],
  });
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
