// Certificates that live for a few minutes are renewed while the cluster runs, and nobody notices: design decision 7.

import { X509Certificate } from "node:crypto";
import { expect, test } from "bun:test";
import { componentProcesses } from "../harness/machine-processes.ts";
import { startTestCluster } from "../harness/cluster.ts";
import { singleNode } from "../harness/single-node.ts";
import type { TestMachine } from "../harness/test-machine.ts";
import { deployAndAsk, startWeb } from "../harness/web-demo.ts";
import { withLogs } from "../harness/with-machine.ts";

const spec = { api: { ca: { certificatesExpireAfter: "4m" } } };

const leaves = ["server", "admin", "ccm", "scheduler", "apiserver-kubelet-client", "front-proxy-client"];

async function certificates(machine: TestMachine): Promise<X509Certificate[]> {
  const texts = await Promise.all(leaves.map((name) => machine.readFile(`/var/lib/k0s/pki/${name}.crt`)));
  return texts.map((text) => new X509Certificate(text));
}

/** The serial number of the certificate that the API server shows. */
async function served(machine: TestMachine): Promise<string> {
  const show = "curl -sSk -w '%{certs}' -o /dev/null https://localhost:6443/ | openssl x509 -noout -serial";
  return (await machine.ok(["sh", "-c", show])).trim().replace("serial=", "");
}

test("every certificate is renewed before it ends, and the cluster works on", async () => {
  await using cluster = await startTestCluster({ controllers: [singleNode({ name: "renewal" })], spec });
  const machine = cluster.controller;
  await withLogs(cluster.network, async () => {
    await startWeb(machine);
    const first = await certificates(machine);
    const processes = await componentProcesses(machine);
    const ended = Math.max(...first.map(({ validTo }) => Date.parse(validTo)));

    await machine.waitFor("the end of the first certificates", () => Date.now() > ended + 5_000, {
      intervalMs: 1_000,
      timeoutMs: 400_000,
    });
    for (const [index, now] of (await certificates(machine)).entries()) {
      expect(now.serialNumber).not.toBe(first[index]?.serialNumber ?? "");
      expect(Date.parse(now.validTo)).toBeGreaterThan(Date.now());
    }
    expect(await served(machine)).not.toBe(first[0]?.serialNumber ?? "");
    await deployAndAsk(machine, "later");
    expect(await machine.kubectl("exec", "visitor", "--", "echo", "alive")).toBe("alive\n");
    await machine.waitFor("good health", () => machine.k0s("status"));

    // Only those that read a certificate once were started again.
    const now = await componentProcesses(machine);
    for (const name of ["kube-apiserver", "kine", "kubelet", "containerd"])
      expect([name, now.get(name)?.[0]?.pid]).toEqual([name, processes.get(name)?.[0]?.pid]);
    expect(await machine.readLog("k0s")).not.toContain("Process ended by itself");
  });
}, 1_200_000);
