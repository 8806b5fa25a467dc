// Scenario `controllerworker`: one host is controller, with etcd, and node. What the cluster itself needs runs beside the
// control plane; the taint keeps everything else away, unless it was not wanted.

import { expect, test } from "bun:test";
import { clusterOfFile } from "../harness/cluster.ts";

const cluster = clusterOfFile({
  controllers: [
    { name: "both", root: "busybox", args: ["--enable-worker"], until: "cluster", demoImages: true },
  ],
});

const pod = (name: string, spec: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: default}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: main, image: "localhost/k0s/toolbox:1", imagePullPolicy: Never, command: [sleep, "1000000"]}]
${spec}`;
const tolerant =
  "  tolerations: [{key: node-role.kubernetes.io/control-plane, operator: Exists, effect: NoSchedule}]";
const path = (expression: string): readonly string[] => ["-o", `jsonpath=${expression}`];

test("etcd holds the data, and the node is a control plane's", async () => {
  const { controller, kubectl } = cluster;
  await controller.waitFor("good health", () => controller.k0s("status"));
  const status = JSON.parse(await controller.k0s("status", "-o", "json")) as Record<string, unknown>;
  expect(status).toMatchObject({ Role: "controller", Workloads: true, SingleNode: false, Healthy: true });
  expect(Object.keys(await controller.etcdMembers())).toEqual(["both"]);
  expect(await kubectl("get", "node", "both", ...path("{.metadata.labels}"))).toContain(
    '"node-role.kubernetes.io/control-plane":"true"',
  );
  expect(JSON.parse(await kubectl("get", "node", "both", ...path("{.spec.taints}")))).toEqual([
    { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" },
  ]);
});

test("sysinfo takes no port of this k0s for a stranger's: the API for controllers is k0s' own process", async () => {
  const { controller } = cluster;
  // It fails if anything is rejected.
  const reports = JSON.parse(await controller.k0s("sysinfo", "-o", "json")) as Record<string, unknown>[];
  for (const port of [2380, 6443, 9443, 10250])
    expect(reports).toContainEqual(
      expect.objectContaining({ displayName: `Port ${port}`, category: "pass", prop: "in use by k0s" }),
    );
});

test("every system pod runs in spite of the taint", async () => {
  const { controller, kubectl } = cluster;
  for (const name of [
    "daemonset/calico-node",
    "deployment/calico-kube-controllers",
    "deployment/coredns",
    "deployment/metrics-server",
    "daemonset/konnectivity-agent",
  ])
    await controller.waitFor(name, () =>
      kubectl("-n", "kube-system", "rollout", "status", name, "--timeout=240s"),
    );
});

test("a pod needs to tolerate the taint", async () => {
  const { controller, apply, kubectl } = cluster;
  await apply(pod("stranger", ""));
  await apply(pod("guest", tolerant));
  await kubectl("wait", "--for=condition=Ready", "pod/guest", "--timeout=240s");
  const lookUp = ["exec", "guest", "--", "nslookup", "kubernetes.default.svc.cluster.local"];
  await controller.waitFor("the name of the API", async () =>
    (await kubectl(...lookUp)).includes("10.96.0.1"),
  );
  await kubectl("wait", "--for=condition=PodScheduled=false", "pod/stranger", "--timeout=240s");
  const why = path("{.status.conditions[?(@.type=='PodScheduled')].message}");
  expect(await kubectl("get", "pod", "stranger", ...why)).toContain("untolerated taint");
});

// Its endpoints are as they were, and the host has no /etc/protocols but k0s' own: docs/adr/0097.
test("a pod reaches Services when kube-proxy has restarted", async () => {
  const { controller } = cluster;
  const pidFile = "/run/k0s/kube-proxy.pid";
  const before = await controller.readFile(pidFile);
  await controller.ok(["kill", "-9", before.trim()]);
  await controller.waitFor("another kube-proxy", async () => (await controller.readFile(pidFile)) !== before);
  await controller.waitFor("its first rules", async () => {
    const metrics = await controller.ok(["wget", "-qO-", "http://127.0.0.1:10249/metrics"]);
    return /^kubeproxy_sync_proxy_rules_last_timestamp_seconds\{ip_family="IPv4"\} [1-9]/m.test(metrics);
  });
  await reachesServices("guest");
});

test("noderole-no-taints: with --no-taints a node registers without it and takes every pod", async () => {
  const { controller, kubectl, apply } = cluster;
  await kubectl("delete", "node", "both");
  await controller.k0s("stop");
  await cluster.startController(controller, { args: ["--enable-worker", "--no-taints"] });
  expect(await kubectl("get", "node", "both", ...path("{.spec.taints}"))).not.toContain("control-plane");
  // Pods of a node that is gone are removed.
  await kubectl("delete", "pod", "stranger", "--ignore-not-found", "--timeout=240s");
  await apply(pod("stranger", ""));
  await kubectl("wait", "--for=condition=Ready", "pod/stranger", "--timeout=240s");
  await controller.waitFor("Services for a pod", async () => (await reachesServices("stranger"), true));
});

/** The API by its address, and CoreDNS, each at the first try. */
async function reachesServices(name: string): Promise<void> {
  const inPod = ["exec", name, "--"];
  await cluster.kubectl(...inPod, "sh", "-c", "nc -w 5 10.96.0.1 443 </dev/null");
  const answer = await cluster.kubectl(...inPod, "nslookup", "kubernetes.default.svc.cluster.local");
  expect(answer).toContain("10.96.0.1");
}
