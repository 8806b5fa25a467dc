// Scenarios `customports`, `customca` with a pre-shared token, `byocri`, `k0scloudprovider`, and kube-router with kube-proxy in
// iptables mode: all on one cluster, because they do not touch each other.

import { describe, expect, test } from "bun:test";
import { issueCa } from "../../src/pki/issue.ts";
import { clusterOfFile, type TestCluster } from "../harness/cluster.ts";
import { foreignSocket, startForeignRuntime } from "../harness/foreign-runtime.ts";
import { deployNetworkPods, networkChecks } from "../harness/network-checks.ts";
import type { TestMachine } from "../harness/test-machine.ts";

const apiPort = 6553;
const cloudProviderPort = 10_358;
const cloudProvider = [
  "--enable-k0s-cloud-provider",
  "--k0s-cloud-provider-update-frequency=5s",
  `--k0s-cloud-provider-port=${cloudProviderPort}`,
];
const ca = await issueCa({ cn: "our own", expiresMs: 24 * 3_600_000 });

const cluster = clusterOfFile(
  {
    controllers: [{ name: "controller", args: cloudProvider, prepare: giveCaAndToken }],
    spec: {
      api: { port: apiPort, k0sApiPort: 9743 },
      konnectivity: { agentPort: 9132, adminPort: 9133 },
      network: { provider: "kuberouter", kubeProxy: { mode: "iptables" } },
    },
  },
  addWorkers,
);

/** The token is made before there is a cluster. */
async function giveCaAndToken(machine: TestMachine): Promise<void> {
  await machine.ok(["mkdir", "-p", "/var/lib/k0s/pki", "/var/lib/k0s/manifests/tokens", "/root/tokens"]);
  await machine.writeFile("/var/lib/k0s/pki/ca.crt", ca.cert, 0o644);
  await machine.writeFile("/var/lib/k0s/pki/ca.key", ca.key, 0o640);
  const url = `https://${machine.address}:${apiPort}/`;
  const flags = ["--role=worker", "--cert=/var/lib/k0s/pki/ca.crt", `--url=${url}`, "--out=/root/tokens"];
  await machine.k0s("token", "pre-shared", ...flags);
  const give = "mv /root/tokens/*.yaml /var/lib/k0s/manifests/tokens/ && mv /root/tokens/token_* /root/made";
  await machine.ok(["/bin/sh", "-c", give]);
}

/** One with the runtime of k0s that waits for a cloud provider, one with its own. */
async function addWorkers({ controller }: TestCluster): Promise<void> {
  const token = (await controller.readFile("/root/made")).trim();
  const args = ["--enable-cloud-provider"];
  // What it says is known only once there is a machine.
  const nameAddress = async (machine: TestMachine): Promise<void> =>
    void args.push(`--kubelet-extra-args=--node-ip=${machine.address}`);
  await cluster.addWorker({ name: "own", token, args, prepare: nameAddress });
  await cluster.nodeReady("own");
  await cluster.addWorker({
    name: "foreign",
    token,
    args: [`--cri-socket=remote:unix://${foreignSocket}`],
    prepare: (machine) => startForeignRuntime(machine, cluster.worker("own")),
  });
  await cluster.nodeReady("foreign");
  await deployNetworkPods(cluster);
}

test("customports: the CA is ours, and the workers trust it", async () => {
  expect(await cluster.controller.readFile("/var/lib/k0s/pki/ca.crt")).toBe(ca.cert);
  const kubeconfig = await cluster.worker("own").readFile("/var/lib/k0s/kubelet.conf");
  expect(kubeconfig).toContain(Buffer.from(ca.cert).toString("base64"));
  expect(kubeconfig).toContain(`:${apiPort}`);
});

test("kube-proxy works in the mode of the configuration", async () => {
  const config = await cluster.worker("own").readFile("/run/k0s/kube-proxy/config.yaml");
  expect(config).toContain("mode: iptables");
});

test("byocri: a foreign runtime runs the pods, and k0s starts none", async () => {
  const path = "jsonpath={.items[?(@.spec.nodeName=='foreign')].status.phase}";
  // The system's pods came with the node; nobody has waited for them yet.
  await cluster.controller.waitFor("pods in the foreign runtime", async () => {
    const phases = (await cluster.kubectl("get", "pods", "-A", "-o", path)).split(" ");
    return phases.every((phase) => phase === "Running");
  });
  const worker = cluster.worker("foreign");
  await worker.waitFor("good health", () => worker.k0s("status"));
  const status = JSON.parse(await worker.k0s("status", "-o", "json")) as {
    Healthy: boolean;
    Components: { name: string }[];
  };
  expect(status.Healthy).toBe(true);
  const names = status.Components.map(({ name }) => name);
  expect(names).toContain("kubelet");
  expect(names).not.toContain("containerd");
  expect(names).not.toContain("images");
});

describe("k0scloudprovider: the cloud provider of k0s", () => {
  const get = (node: string, path: string): Promise<string> =>
    cluster.kubectl("get", "node", node, "-o", `jsonpath=${path}`);
  const addresses = (): Promise<string> => get("own", "{range .status.addresses[*]}{.type} {.address};{end}");
  const own = (): string => `InternalIP ${cluster.worker("own").address};`;

  test("has initialized the node whose kubelet waited for it, and no other one", async () => {
    const { controller } = cluster;
    await controller.waitFor(
      "the provider's id",
      async () => (await get("own", "{.spec.providerID}")) !== "",
    );
    expect(await get("own", "{.spec.providerID}")).toBe("k0s-cloud-provider://own");
    expect(await get("own", "{.spec.taints[*].key}")).not.toContain("cloudprovider");
    expect(await get("own", "{.metadata.labels.node\\.kubernetes\\.io/instance-type}")).toBe(
      "k0s-cloud-provider",
    );
    expect(await addresses()).toBe(`${own()}Hostname own;`);
    expect(await get("foreign", "{.spec.providerID}")).toBe("");
  });

  test("follows what is noted on a node", async () => {
    const { controller, kubectl } = cluster;
    const note = (text: string) =>
      kubectl("annotate", "--overwrite", "node", "own", `k0sproject.io/node-ip-external${text}`);
    const steps = [
      ["=1.2.3.4", "ExternalIP 1.2.3.4;"],
      ["=1.2.3.5,2041:0:140F::875B:131B", "ExternalIP 1.2.3.5;ExternalIP 2041:0:140F::875B:131B;"],
      ["=GIGO", "ExternalIP GIGO;"],
      ["-", ""],
    ] as const;
    for (const [text, external] of steps) {
      await note(text);
      const wanted = `${own()}${external}Hostname own;`;
      await controller.waitFor(wanted, async () => (await addresses()) === wanted);
    }
  });

  test("says on its port that it is well, and holds upstream's lease", async () => {
    const { controller, kubectl } = cluster;
    const ask = ["curl", "--silent", "--show-error", "--insecure", "--max-time", "5"];
    expect(await controller.ok([...ask, `https://127.0.0.1:${cloudProviderPort}/healthz`])).toBe("ok");
    const lease = ["-n", "kube-system", "get", "lease", "cloud-controller-manager"];
    expect(await kubectl(...lease, "-o", "jsonpath={.spec.holderIdentity}")).not.toBe("");
  });
});

/** Policies of kube-router are looked at in test/full/network-variants. */
const here = Object.entries(networkChecks).filter(([name]) => !name.startsWith("a policy"));

describe("network", () => {
  for (const [name, check] of here) test(name, () => check(cluster), 300_000);
});
