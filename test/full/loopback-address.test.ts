// A host with no address but the loopback's: what k0s advises there works.

import { expect, test } from "bun:test";
import { startTestCluster } from "../harness/cluster.ts";
import { singleNode } from "../harness/single-node.ts";
import type { TestMachine } from "../harness/test-machine.ts";
import { startWeb, webAnswers } from "../harness/web-demo.ts";
import { withLogs } from "../harness/with-machine.ts";

/** Takes the host's address away, and gives it the one that k0s advises. */
async function followAdvice(machine: TestMachine): Promise<void> {
  await machine.ok(["ip", "address", "flush", "dev", "eth0"]);
  await machine.ok(["ip", "link", "set", "eth0", "down"]);
  const { stderr } = await machine.exec(["k0s", "controller", "--single"]);
  const advice = /`(ip link [^`]*)`/.exec(stderr)?.[1] ?? "";
  expect(advice).toContain("10.0.0.1/24");
  await machine.ok(["sh", "-ec", advice]);
}

test("an address on a bridge makes a node of a host without a network", async () => {
  await using cluster = await startTestCluster({
    controllers: [singleNode({ noRoutes: true, prepare: followAdvice })],
  });
  await withLogs(cluster.network, async () => {
    await startWeb(cluster.controller);
    await webAnswers(cluster.controller);
  });
}, 600_000);
