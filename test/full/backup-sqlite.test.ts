// Scenarios `backup-kine`, `backup-stream` and `kine`: SQLite, through pipes; and a worker of such a cluster.

import { expect, test } from "bun:test";
import { startTestCluster } from "../harness/cluster.ts";
import { restoredConfig, saveAndRestore, type WayOfBackup } from "../harness/save-and-restore.ts";
import { withLogs, withMachine } from "../harness/with-machine.ts";

const byStream: WayOfBackup = {
  save: async (machine) => {
    const archive = "/root/saved/k0s_backup.tar.gz";
    await machine.ok(["sh", "-c", `umask 077; k0s backup --save-path - >${archive}`]);
    return archive;
  },
  restore: (machine, archive) => machine.ok(["sh", "-c", `k0s restore - <${archive} >${restoredConfig}`]),
};

test("backup-kine, backup-stream: SQLite, through pipes", async () => {
  await withMachine({ name: "saved" }, async (machine) => {
    await saveAndRestore(machine, { type: "kine" }, byStream);
  });
}, 600_000);

test("SQLite: a worker comes back to a cluster that was lost and restored, and its pod was never stopped", async () => {
  const args = ["--disable-components=coredns,metrics-server"];
  await using cluster = await startTestCluster({
    spec: { storage: { type: "kine" }, network: { provider: "kuberouter" } },
    controllers: [{ name: "controller", args }],
    workers: [{ name: "worker" }],
  });
  await withLogs(cluster.network, async () => {
    const { controller, kubectl } = cluster;
    const image = ["--image=localhost/k0s/web:1", "--image-pull-policy=Never"];
    const ready = (pod: string): Promise<string> =>
      kubectl("wait", "--for=condition=Ready", `pod/${pod}`, "--timeout=240s");
    const identity = (): Promise<string> =>
      kubectl("get", "node/worker", "pod/web", "-o", "jsonpath={.items[*].metadata.uid}");
    const container = (): Promise<string> =>
      kubectl("get", "pod", "web", "-o", "jsonpath={.status.containerStatuses[0].containerID}");
    await kubectl("run", "web", ...image);
    await ready("web");
    const before = [await identity(), await container()];
    await controller.ok(["mkdir", "/root/saved"]);
    const archive = await byStream.save(controller);
    await kubectl("create", "configmap", "too-late");

    await controller.stopK0s();
    await controller.k0s("reset", "--yes");
    await byStream.restore(controller, archive);
    await cluster.startController(controller, { args: [...args, `--config=${restoredConfig}`] });
    expect((await cluster.tryKubectl("get", "configmap", "too-late")).stderr).toContain("NotFound");
    await kubectl("run", "afterwards", ...image);
    await ready("afterwards");
    await cluster.nodeReady("worker");
    expect([await identity(), await container()]).toEqual(before);
    // By a tunnel of the restored controller's.
    await controller.waitFor(
      "the log of the pod",
      async () => (await cluster.tryKubectl("logs", "web")).code === 0,
    );
  });
}, 900_000);
