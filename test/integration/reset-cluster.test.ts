// Scenario `reset` with kube-router: after a cluster with pods the host is as it was before. Calico's: faults.test.ts.

import { expect, test } from "bun:test";
import { snapshotDifference, takeSnapshot } from "../harness/machine-snapshot.ts";
import { askDemo, deployDemo, startSingleNode } from "../harness/single-node.ts";
import { withMachine } from "../harness/with-machine.ts";

const config = `
apiVersion: k0s.k0sproject.io/v1beta1
kind: ClusterConfig
metadata: {name: k0s}
spec: {network: {provider: kuberouter}}
`;

test("nothing of a cluster with kube-router is left", async () => {
  await withMachine({ name: "kuberouter" }, async (machine) => {
    const before = await takeSnapshot(machine);
    await machine.ok(["mkdir", "-p", "/etc/k0s"]);
    await machine.writeFile("/etc/k0s/k0s.yaml", config);
    await startSingleNode(machine);
    await deployDemo(machine);
    expect(await askDemo(machine)).toContain("nginx on web-");

    await machine.ok(["k0s", "stop"]);
    const output = await machine.ok(["k0s", "reset"]);
    expect(output).toContain("nothing of k0s is left");
    // What the user wrote is the user's.
    await machine.ok(["rm", "-r", "/etc/k0s"]);
    expect(snapshotDifference(before, await takeSnapshot(machine))).toEqual({});
  });
}, 600_000);
