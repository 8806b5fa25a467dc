// Scenario `reset` with kube-router, and kubelet's directory outside of the data directory: after a cluster with pods the host is
// as it was before. With Calico: test/integration/faults.test.ts.

import { expect, test } from "bun:test";
import { expectAsBefore, takeSnapshot } from "../harness/machine-snapshot.ts";
import { writeClusterConfig } from "../harness/cluster-config.ts";
import { importDemoImages } from "../harness/demo-images.ts";
import { singleNodeArgs } from "../harness/single-node.ts";
import { startWeb, webAnswers } from "../harness/web-demo.ts";
import { withMachine } from "../harness/with-machine.ts";

const kubeletDir = "/var/lib/kubelet";

test("nothing of a cluster with kube-router is left", async () => {
  await withMachine({ name: "kuberouter" }, async (machine) => {
    const before = await takeSnapshot(machine);
    await writeClusterConfig(machine, { network: { provider: "kuberouter" } });
    await machine.startK0s({
      role: "controller",
      args: [...singleNodeArgs, `--kubelet-root-dir=${kubeletDir}`],
    });
    await machine.clusterReady();
    await importDemoImages(machine);
    await startWeb(machine);
    await webAnswers(machine);

    // Pods have mounted their volumes there, and nowhere else.
    expect(await machine.ok(["cat", "/proc/self/mountinfo"])).toContain(`${kubeletDir}/pods/`);
    expect((await machine.exec(["test", "-e", "/var/lib/k0s/kubelet"])).code).toBe(1);
    await machine.k0s("stop");
    const output = await machine.k0s("reset", "-y");
    expect(output).toContain("nothing of k0s is left");
    expect((await machine.exec(["test", "-e", kubeletDir])).code).toBe(1);
    // What the user wrote is the user's.
    await machine.ok(["rm", "-r", "/etc/k0s"]);
    await expectAsBefore(machine, before);
  });
}, 600_000);
