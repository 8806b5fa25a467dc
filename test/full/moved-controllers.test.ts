// Controllers that come back at other addresses: etcd is told, who joins is sent to the right place, and where there is no quorum
// to tell anything to, that is said.

import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  kubectl,
  launch,
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

test("a controller that has moved can be joined, and two that moved at once say why they have no quorum", async () => {
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

  const home = second.machine.address;
  for (const controller of [first, second]) await stopController(controller);
  await changeAddress(first.machine, other(first, 252));
  await changeAddress(second.machine, other(second, 253));
  for (const controller of [first, second]) controller.process = await launch(controller.machine);
  const said = `etcd has no quorum: c2 at https://${home}:2380`;
  await first.machine.waitFor("the word of it", async () =>
    (await first.machine.exec(["k0s", "status", "components"])).stdout.includes(said),
  );
  await changeAddress(first.machine, other(first, 251));
  await changeAddress(second.machine, home);
  for (const controller of [first, second]) await stopController(controller);
  await Promise.all([restart(first), restart(second)]);
  expect(await kubectl(first, "get", "--raw", "/readyz")).toBe("ok");
}, 900_000);
