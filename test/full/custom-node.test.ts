// One node where nothing is as usual. Scenarios `basic` (custom data directory, kubelet's arguments), `customports`,
// `custom-cidrs`, `customdomain`, `extraargs` for a single node, and a host whose firewall speaks legacy iptables.

import { expect, test } from "bun:test";
import { clusterOfFile } from "../harness/cluster.ts";
import { singleNode } from "../harness/single-node.ts";
import type { TestMachine } from "../harness/test-machine.ts";
import { startWeb } from "../harness/web-demo.ts";

const dataDir = "/var/lib/elsewhere";
const args = [
  "--single",
  "--config=/etc/custom.yaml",
  "--kubelet-root-dir=/var/lib/kubelet",
  "--profile=roomy",
  "--labels=flavour=vanilla,k0s.example/a=b",
  "--taints=mood=grumpy:PreferNoSchedule",
  "--kubelet-extra-args=  --v=3   --max-pods=66  ",
];

const config = `
apiVersion: k0s.k0sproject.io/v1beta1
kind: ClusterConfig
spec:
  api:
    port: 7443
    k0sApiPort: 9743
    sans: [cluster.example.org]
    extraArgs: {audit-log-maxage: "7", v: "2"}
    rawArgs: [--audit-log-maxsize=5]
  controllerManager:
    extraArgs: {node-monitor-period: 4s}
  scheduler:
    extraArgs: {v: "2"}
  storage:
    type: kine
    kine: {extraArgs: {compact-interval: 7m}}
  network:
    clusterDomain: k0s.test
    podCIDR: 10.150.0.0/16
    serviceCIDR: 10.152.183.0/24
    kubeProxy: {extraArgs: {conntrack-tcp-timeout-close-wait: 30m}}
  workerProfiles:
    - name: roomy
      values: {maxPods: 77, containerLogMaxFiles: 3}
`;

const cluster = clusterOfFile(
  {
    dataDir,
    controllers: [
      singleNode({
        name: "custom",
        args,
        prepare: async (machine) => {
          await machine.writeFile("/etc/custom.yaml", config);
          await machine.ok(["iptables-legacy", "-A", "INPUT", "-s", "192.0.2.1", "-j", "DROP"]);
        },
      }),
    ],
  },
  ({ controller }) => startWeb(controller),
);

const visit = (): Promise<string> =>
  cluster.kubectl("exec", "visitor", "--", "wget", "-qO-", "http://web.default.svc.k0s.test/");

/** Arguments of a running process of k0s. */
async function argumentsOf(name: string): Promise<string[]> {
  const pid = (await cluster.controller.ok(["cat", `/run/k0s/${name}.pid`])).trim();
  return (await cluster.controller.ok(["cat", `/proc/${pid}/cmdline`]))
    .split("\0")
    .filter((arg) => arg !== "");
}

test("everything lies in the data directory that was asked for", async () => {
  const { controller: machine } = cluster;
  await machine.ok(["test", "-f", `${dataDir}/pki/ca.crt`]);
  await machine.ok(["test", "-d", "/var/lib/kubelet/pki"]);
  // The launcher's own directory of the runtime is the only thing of k0s that has one fixed place.
  expect(await machine.ok(["ls", "/var/lib/k0s"])).toBe("runtime\n");
  const status = JSON.parse(await machine.k0s("status", "-o", "json")) as {
    Healthy: boolean;
    K0sVars: { DataDir: string };
  };
  expect(status.Healthy).toBe(true);
  expect(status.K0sVars.DataDir).toBe(dataDir);
  expect(await machine.k0s("kubeconfig", "admin")).toContain(`server: https://${machine.address}:7443`);
});

test("services have their addresses and names from the ranges that were asked for", async () => {
  await cluster.controller.waitFor("an answer", async () => (await visit()).includes("nginx on web-"));
  const resolv = await cluster.kubectl("exec", "visitor", "--", "cat", "/etc/resolv.conf");
  expect(resolv).toContain("search default.svc.k0s.test svc.k0s.test k0s.test");
  expect(resolv).toContain("nameserver 10.152.183.10\n");
  const answer = await cluster.tryKubectl(
    "exec",
    "visitor",
    "--",
    "curl",
    "-sk",
    "-o",
    "/dev/null",
    "-w",
    "%{http_code}",
    "https://10.152.183.1/api",
  );
  expect(answer.stdout).toBe("401");
  expect(await cluster.kubectl("get", "pod", "visitor", "-o", "jsonpath={.status.podIP}")).toStartWith(
    "10.150.",
  );
});

test("the API has the names and the port that were asked for", async () => {
  const { controller: machine } = cluster;
  const url = "https://cluster.example.org:7443/version";
  const asked = await machine.exec([
    "curl",
    "-s",
    "-o",
    "/dev/null",
    "-w",
    "%{http_code}",
    "--cacert",
    `${dataDir}/pki/ca.crt`,
    "--resolve",
    `cluster.example.org:7443:${machine.address}`,
    url,
  ]);
  expect(asked.stdout).toMatch(/^(200|401)$/);
  expect(asked.code).toBe(0);
});

test("extra arguments replace what k0s sets, raw ones come after", async () => {
  const apiserver = await argumentsOf("kube-apiserver");
  expect(apiserver.filter((arg) => arg.startsWith("--v="))).toEqual(["--v=2"]);
  expect(apiserver).toContain("--audit-log-maxage=7");
  expect(apiserver.indexOf("--audit-log-maxsize=5")).toBeGreaterThan(
    apiserver.indexOf("--audit-log-maxage=7"),
  );
  expect(apiserver).toContain("--service-cluster-ip-range=10.152.183.0/24");
  expect(await argumentsOf("kube-controller-manager")).toContain("--node-monitor-period=4s");
  expect((await argumentsOf("kube-scheduler")).filter((arg) => arg.startsWith("--v="))).toEqual(["--v=2"]);
  expect(await argumentsOf("kine")).toContain("--compact-interval=7m");
  expect(await argumentsOf("kube-proxy")).toContain("--conntrack-tcp-timeout-close-wait=30m");
  const kubelet = await argumentsOf("kubelet");
  expect(kubelet.filter((arg) => arg.startsWith("--v="))).toEqual(["--v=3"]);
});

test("labels, taints, the worker profile and kubelet's arguments reach the node", async () => {
  const of = (path: string): Promise<string> =>
    cluster.kubectl("get", "node", "custom", "-o", `jsonpath={${path}}`);
  expect(JSON.parse(await of(".metadata.labels"))).toMatchObject({
    flavour: "vanilla",
    "k0s.example/a": "b",
  });
  expect(JSON.parse(await of(".spec.taints"))).toEqual([
    { key: "mood", value: "grumpy", effect: "PreferNoSchedule" },
  ]);
  // The argument wins over the profile.
  expect(await of(".status.capacity.pods")).toBe("66");
  const kubelet = await cluster.kubectl("get", "--raw", "/api/v1/nodes/custom/proxy/configz");
  expect(JSON.parse(kubelet)).toMatchObject({ kubeletconfig: { containerLogMaxFiles: 3 } });
});

async function legacyOnly(machine: TestMachine): Promise<void> {
  expect(await machine.ok(["readlink", `${dataDir}/host-tools/bin/iptables`])).toBe("xtables-legacy-multi\n");
  const [legacy, nft] = await Promise.all(
    ["legacy", "nft"].map((mode) => machine.ok([`iptables-${mode}-save`])),
  );
  expect(legacy).toContain("KUBE-KUBELET-CANARY");
  expect(legacy).toContain("cali-FORWARD");
  expect(nft).not.toMatch(/KUBE-|cali-/);
}

test("rules stay where the host's firewall had its own, and a changed configuration counts, after a reboot", async () => {
  const { controller: machine } = cluster;
  await legacyOnly(machine);
  await machine.reboot();
  await machine.writeFile(
    "/etc/custom.yaml",
    config.replace('maxage: "7"', 'maxage: "9"').replace("Files: 3", "Files: 4"),
  );
  await cluster.startController(machine, { log: "rebooted" });
  await cluster.kubectl("wait", "--for=condition=Ready", "pod/visitor", "--timeout=240s");
  await machine.waitFor("an answer", async () => (await visit()).includes("nginx on web-"));
  await legacyOnly(machine);
  expect(await argumentsOf("kube-apiserver")).toContain("--audit-log-maxage=9");
  const kubelet = await cluster.kubectl("get", "--raw", "/api/v1/nodes/custom/proxy/configz");
  expect(JSON.parse(kubelet)).toMatchObject({ kubeletconfig: { containerLogMaxFiles: 4 } });
}, 600_000);
