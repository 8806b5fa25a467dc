// A controller that comes back at another address: etcd is told, and who joins is sent to the right place.

import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  memberList,
  newController,
  restart,
  stopController,
  type TestController,
  tokenFor,
} from "../harness/controllers.ts";
import { changeAddress } from "../harness/change-address.ts";
import { startNetwork, type TestNetwork } from "../harness/test-machine.ts";

let network: TestNetwork;

beforeAll(async () => {
  network = await startNetwork();
});

afterAll(async () => {
  await network.destroy();
}, 300_000);

const other = ({ machine }: TestController, last: number): string =>
  machine.address.replace(/\d+$/, String(last));

test("a controller that has moved can be joined", async () => {
  const first = await newController(network, "c1");
  await stopController(first);
  await changeAddress(first.machine, other(first, 251));
  await restart(first);
  await first.machine.waitFor(
    "the new address",
    async () => (await memberList(first))["c1"] === `https://${other(first, 251)}:2380`,
  );
  const second = await newController(network, "c2", { token: await tokenFor(first, "controller") });
  expect(Object.keys(await memberList(second)).sort()).toEqual(["c1", "c2"]);
}, 900_000);
