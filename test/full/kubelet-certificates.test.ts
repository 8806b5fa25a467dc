// A data directory of a k0s that signed kubelets' certificates with the cluster's CA: nobody is cut off while both kinds are there, and
// a worker that is started gets the new kind. docs/adr/0049-kubelet-serving-ca.md.

import { X509Certificate } from "node:crypto";
import { expect, test } from "bun:test";
import { issueLeaf } from "../../src/pki/issue.ts";
import { certificateOn, servingCertificate, signerOf } from "../harness/kubelet-certificate.ts";
import { startWorkerCluster, type WorkerCluster } from "../harness/worker-cluster.ts";
import { withLogs } from "../harness/with-machine.ts";

const pki = "/var/lib/k0s/pki";

/** The kubelet serves with what an old k0s would have given it. */
async function serveAsBefore(cluster: WorkerCluster): Promise<void> {
  const { controller } = cluster;
  const machine = cluster.worker("w1");
  const [cert, key] = await Promise.all([
    controller.readFile(`${pki}/ca.crt`),
    controller.readFile(`${pki}/ca.key`),
  ]);
  const old = await issueLeaf({
    ca: { cert, key },
    cn: "system:node:w1",
    o: ["system:nodes"],
    sans: ["w1", machine.address],
    expiresMs: 86_400_000,
    keyType: "p256",
  });
  await machine.ok(["rm", servingCertificate]);
  await machine.writeFile(servingCertificate, `${old.cert}${old.key}`, 0o600);
  // Killed, it starts again with the file; k0s itself would look at it first.
  const pid = (await machine.ok(["cat", "/run/k0s/kubelet.pid"])).trim();
  await machine.ok(["kill", "-9", pid]);
}

test("an upgraded cluster reaches kubelets with old and with new certificates; a restart of the worker makes the old ones go", async () => {
  await using cluster = await startWorkerCluster({ workers: [{ name: "w1" }] });
  await withLogs(cluster.network, async () => {
    const { controller } = cluster;
    const worker = cluster.worker("w1");
    const reached = () =>
      controller.waitFor(
        "the kubelet to be reached",
        async () => (await cluster.kubectl("get", "--raw", "/api/v1/nodes/w1/proxy/healthz")) === "ok",
      );
    const signers = async () => signerOf(await certificateOn(worker, servingCertificate), controller);
    await reached();
    expect(await signers()).toEqual(["kubelet-serving-ca"]);

    // A new cluster believes no kubelet that the cluster's CA vouches for.
    await serveAsBefore(cluster);
    await controller.waitFor("the refusal", async () => {
      const { stderr } = await controller.exec([
        "k0s",
        "kubectl",
        "get",
        "--raw",
        "/api/v1/nodes/w1/proxy/healthz",
      ]);
      return stderr.includes("certificate signed by unknown authority");
    });

    // The controller is upgraded: there is nothing of the new authority yet.
    await controller.ok(["k0s", "stop"]);
    await controller.sh(`rm ${pki}/kubelet-serving-*`);
    const before = await controller.readFile(`${pki}/ca.key`);
    await cluster.startController();
    await reached();
    expect(await signers()).toEqual(["ca"]);
    expect(await controller.readFile(`${pki}/ca.key`)).toBe(before);
    const bundle = await controller.readFile(`${pki}/kubelet-serving-bundle.crt`);
    expect(bundle.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);

    await worker.ok(["k0s", "stop"]);
    await cluster.startWorker({ name: "w1" });
    await worker.waitFor(
      "a certificate of the new kind",
      async () => (await signers())[0] === "kubelet-serving-ca",
    );
    await reached();
    expect(await cluster.kubectl("top", "nodes").catch(String)).not.toContain("x509");
    await controller.waitFor("metrics of the node", () => cluster.kubectl("top", "node", "w1"));
    expect(new X509Certificate(bundle).subject).toBe("CN=kubelet-serving-ca");
  });
}, 1_200_000);
