// Scenario `cplb-userspace`: three controllers behind one virtual address. One of them holds it, connections to it are
// spread over all API servers, and it moves when its holder dies; the gap is printed.

import { afterAll, beforeAll, expect } from "bun:test";
import { apiReady, launch, newController, type TestController, tokenFor } from "../harness/controllers.ts";
import { scenariosOn } from "../harness/scenario.ts";
import { startNetwork, type TestMachine, type TestNetwork } from "../harness/test-machine.ts";

const virtualIp = "10.200.0.200";
const spec = {
  network: {
    controlPlaneLoadBalancing: {
      enabled: true,
      type: "Keepalived",
      keepalived: { vrrpInstances: [{ virtualIPs: [`${virtualIp}/24`], authPass: "s3cret" }] },
    },
  },
};

let network: TestNetwork;
let controllers: TestController[];
let visitor: TestMachine;
const scenario = scenariosOn(() => network);

beforeAll(async () => {
  network = await startNetwork();
  visitor = await network.machine({ name: "visitor", k0s: false });
  const first = await newController(network, "c1", { spec });
  controllers = [first];
  for (const name of ["c2", "c3"])
    controllers.push(
      await newController(network, name, { spec, token: await tokenFor(first, "controller") }),
    );
}, 600_000);

afterAll(async () => {
  await network.destroy();
}, 300_000);

async function holders(): Promise<TestController[]> {
  const addresses = await Promise.all(
    controllers.map(({ machine }) => machine.ok(["ip", "-o", "address", "show", "dev", "eth0"])),
  );
  return controllers.filter((_, index) => addresses[index]?.includes(`${virtualIp}/24`));
}

function oneHolder(): Promise<TestController> {
  return visitor.waitFor("one holder", async () => {
    const found = await holders();
    return found.length === 1 ? found[0] : undefined;
  });
}

/** The serial number of the certificate that answers at the virtual address. */
async function answeringServer(): Promise<string> {
  const script = `echo | timeout 3 openssl s_client -connect ${virtualIp}:6443 | openssl x509 -noout -serial`;
  return (await visitor.ok(["sh", "-c", script])).trim();
}

async function gapUntilAnswered(): Promise<number> {
  const start = performance.now();
  await visitor.waitFor("an answer at the virtual address", answeringServer, {
    intervalMs: 100,
  });
  return Math.round(performance.now() - start);
}

scenario(
  "cplb-userspace: one holder, whose certificate names the address; every server gets connections",
  async () => {
    await oneHolder();
    const script = `echo | openssl s_client -connect ${virtualIp}:6443 -verify_ip ${virtualIp} 2>&1 | openssl x509 -noout -text`;
    expect(await visitor.ok(["sh", "-c", script])).toContain(`IP Address:${virtualIp}`);
    const seen = new Set<string>();
    await visitor.waitFor("three servers", async () => {
      seen.add(await answeringServer());
      return seen.size === 3;
    });
  },
);

scenario("k0s killed on the holder: another one takes the address, and keeps it", async () => {
  const first = await oneHolder();
  await first.process.kill("SIGKILL");
  const gapMs = await gapUntilAnswered();
  console.log(`k0s on the holder killed: the virtual address answers again after ${gapMs} ms`);
  controllers = controllers.filter((one) => one !== first);
  const second = await oneHolder();
  first.process = await launch(first.machine);
  await apiReady(first);
  controllers.push(first);
  expect(await oneHolder()).toBe(second);
});

scenario("power cut of the holder", async () => {
  const first = await oneHolder();
  controllers = controllers.filter((one) => one !== first);
  await first.machine.destroy();
  const gapMs = await gapUntilAnswered();
  console.log(`holder without power: the virtual address answers again after ${gapMs} ms`);
  await oneHolder();
});

scenario("a controller that stops gives the address away and leaves nothing", async () => {
  const first = await oneHolder();
  await first.process.kill("SIGTERM");
  expect(await first.process.exited).toBe(0);
  expect(await first.machine.ok(["ip", "address", "show", "dev", "eth0"])).not.toContain(virtualIp);
  expect(await first.machine.ok(["nft", "list", "tables"])).not.toContain("k0s-control-plane");
  controllers = controllers.filter((one) => one !== first);
  await oneHolder();
});
