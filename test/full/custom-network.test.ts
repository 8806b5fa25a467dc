// Provider `custom`: k0s brings no network. The control plane is whole, the node waits for the user's own.

import { expect, test } from "bun:test";
import { writeClusterConfig } from "../harness/cluster-config.ts";
import { withNetwork } from "../harness/with-machine.ts";

test("without a network the control plane serves, and the node is not ready until somebody brings one", async () => {
  await withNetwork(async (network) => {
    const machine = await network.machine({ name: "bare" });
    const { kubectl } = machine;
    await writeClusterConfig(machine, { network: { provider: "custom" } });
    await machine.startK0s({ role: "controller", args: ["--single"] });
    await machine.waitFor("the node", async () => (await kubectl("get", "nodes")).includes("bare"));
    const why =
      "jsonpath={.status.conditions[?(@.type=='Ready')].status}{.status.conditions[?(@.type=='Ready')].message}";
    await machine.waitFor("the reason", async () => {
      const text = await kubectl("get", "node", "bare", "-o", why);
      return text.startsWith("False") && text.includes("cni plugin not initialized");
    });
    const names = "jsonpath={.items[*].metadata.name}";
    expect(await kubectl("-n", "kube-system", "get", "daemonsets", "-o", names)).toBe("");
    expect(await kubectl("get", "--raw", "/readyz")).toBe("ok");
    expect(await machine.readLog("k0s")).not.toContain("The cluster is ready");

    // The simplest network there is: a bridge, with a plug-in that k0s has brought.
    const bridge = { type: "bridge", bridge: "cni0", isGateway: true, ipMasq: false };
    const ipam = {
      type: "host-local",
      ranges: [[{ subnet: "10.244.0.0/24" }]],
      routes: [{ dst: "0.0.0.0/0" }],
    };
    const conflist = { cniVersion: "1.0.0", name: "mine", plugins: [{ ...bridge, ipam }] };
    await machine.writeFile("/etc/cni/net.d/10-mine.conflist", JSON.stringify(conflist));
    await kubectl("wait", "--for=condition=Ready", "node/bare", "--timeout=240s");
    await machine.clusterReady();
  });
}, 600_000);
