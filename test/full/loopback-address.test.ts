// A host with no address but the loopback's: what k0s advises there works.

import { expect, test } from "bun:test";
import { startSingleNode } from "../harness/single-node.ts";
import { startWeb, webAnswers } from "../harness/web-demo.ts";
import { withNetwork } from "../harness/with-machine.ts";

test("an address on a bridge makes a node of a host without a network", async () => {
  await withNetwork(async (network) => {
    const node = await startSingleNode(network, {
      noRoutes: true,
      prepare: async (machine) => {
        await machine.ok(["ip", "address", "flush", "dev", "eth0"]);
        await machine.ok(["ip", "link", "set", "eth0", "down"]);
        const { stderr } = await machine.exec(["k0s", "controller", "--single"]);
        const advice = /`(ip link [^`]*)`/.exec(stderr)?.[1] ?? "";
        expect(advice).toContain("10.0.0.1/24");
        await machine.ok(["sh", "-ec", advice]);
      },
    });
    await startWeb(node);
    await webAnswers(node);
  });
}, 600_000);
