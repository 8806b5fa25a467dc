// Scenarios `customports`, `customca` with a pre-shared token, `byocri`, and kube-router with kube-proxy in iptables mode:
// all on one cluster, because they do not touch each other.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { issueCa, type KeyAndCertificate } from "../../src/pki/issue.ts";
import { foreignSocket, startForeignRuntime } from "../harness/foreign-runtime.ts";
import { deployNetworkPods, networkChecks } from "../harness/network-checks.ts";
import { startWorkerCluster, type WorkerCluster } from "../harness/worker-cluster.ts";

const apiPort = 6553;
let ca: KeyAndCertificate;
let cluster: WorkerCluster;

beforeAll(async () => {
  ca = await issueCa({ cn: "our own", expiresMs: 24 * 3_600_000 });
  cluster = await startWorkerCluster({
    spec: {
      api: { port: apiPort, k0sApiPort: 9743 },
      konnectivity: { agentPort: 9132, adminPort: 9133 },
      network: { provider: "kuberouter", kubeProxy: { mode: "iptables" } },
    },
    prepareController: async (machine) => {
      await machine.ok(["mkdir", "-p", "/var/lib/k0s/pki", "/var/lib/k0s/manifests/tokens", "/root/tokens"]);
      await machine.writeFile("/var/lib/k0s/pki/ca.crt", ca.cert, 0o644);
      await machine.writeFile("/var/lib/k0s/pki/ca.key", ca.key, 0o640);
      // Made before there is a cluster.
      const url = `https://${machine.address}:${apiPort}/`;
      const flags = ["--role=worker", "--cert=/var/lib/k0s/pki/ca.crt", `--url=${url}`, "--out=/root/tokens"];
      await machine.ok(["k0s", "token", "pre-shared", ...flags]);
      await machine.ok([
        "/bin/sh",
        "-c",
        "mv /root/tokens/*.yaml /var/lib/k0s/manifests/tokens/ && mv /root/tokens/token_* /root/token",
      ]);
    },
    workers: [],
  });
  const token = (await cluster.controller.readFile("/root/token")).trim();
  await cluster.addWorker({ name: "own" }, token);
  await cluster.waitReady("own");
  await cluster.addWorker(
    {
      name: "foreign",
      args: [`--cri-socket=remote:unix://${foreignSocket}`],
      prepare: (machine) => startForeignRuntime(machine, cluster.worker("own")),
    },
    token,
  );
  await cluster.waitReady("foreign");
  await deployNetworkPods(cluster);
}, 900_000);

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
}, 300_000);

test("the CA is ours, and the workers trust it", async () => {
  expect(await cluster.controller.readFile("/var/lib/k0s/pki/ca.crt")).toBe(ca.cert);
  const kubeconfig = await cluster.worker("own").readFile("/var/lib/k0s/kubelet.conf");
  expect(kubeconfig).toContain(Buffer.from(ca.cert).toString("base64"));
  expect(kubeconfig).toContain(`:${apiPort}`);
});

test("kube-proxy works in the mode of the configuration", async () => {
  const config = await cluster.worker("own").readFile("/run/k0s/kube-proxy/config.yaml");
  expect(config).toContain("mode: iptables");
});

test("a foreign runtime runs the pods, and k0s starts none", async () => {
  const path = "jsonpath={.items[?(@.spec.nodeName=='foreign')].status.phase}";
  // The system's pods came with the node; nobody has waited for them yet.
  await cluster.controller.waitFor("pods in the foreign runtime", async () => {
    const phases = (await cluster.kubectl("get", "pods", "-A", "-o", path)).split(" ");
    return phases.every((phase) => phase === "Running");
  });
  const status = JSON.parse(await cluster.worker("foreign").ok(["k0s", "status", "-o", "json"])) as {
    Components: { name: string }[];
  };
  const names = status.Components.map(({ name }) => name);
  expect(names).toContain("kubelet");
  expect(names).not.toContain("containerd");
  expect(names).not.toContain("images");
});

/** Policies of kube-router are looked at in test/full/network-variants. */
const here = Object.entries(networkChecks).filter(([name]) => !name.startsWith("a policy"));

describe("network", () => {
  for (const [name, check] of here) test(name, () => check(cluster), 300_000);
});
