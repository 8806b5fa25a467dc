import { expect, test } from "bun:test";
import type { KubeClient } from "../../kube/client.ts";
import { controllerAddresses } from "./controller-addresses.ts";

const signal = AbortSignal.timeout(60_000);
const lease = (name: string, address?: string, holderIdentity = "") => ({
  metadata: {
    name: `k0s-ctrl-${name}`,
    ...(address === undefined ? {} : { annotations: { "k0s.k0sproject.io/api-address": address } }),
  },
  spec: { holderIdentity },
});

/** Of three controllers one answers, one is down, one has given its lease back; an older one has noted no address. */
function client(endpoints: readonly string[]): KubeClient {
  const leases = [
    lease("c1", "10.0.0.1:6443", "c1"),
    lease("c2", "10.0.0.2:6443", "c2"),
    lease("c3", "[fd00::3]:6443"),
    lease("old"),
  ];
  const fake = {
    find: async () => ({ subsets: [{ addresses: endpoints.map((ip) => ({ ip })) }] }),
    list: async ({ kind }: { kind: string }, { labelSelector }: { labelSelector?: string }) => ({
      items: kind === "Lease" && labelSelector === "k0s.k0sproject.io/kind=controller" ? leases : [],
    }),
  };
  return fake as unknown as KubeClient;
}

test("a controller that is down keeps its address, though it is among the endpoints no longer", async () => {
  const known = await controllerAddresses(client(["10.0.0.1"]), false, signal);
  expect(["10.0.0.1", "10.0.0.2", "fd00::3"].filter((address) => known?.has(address) !== true)).toEqual([]);
  expect(known?.has("10.0.0.4")).toBe(false);
});

test("a kubelet, which may write on its own lease, makes nobody a controller, and spoils no look", async () => {
  const written = lease("", "10.0.0.4:6443");
  const own = { ...written, metadata: { ...written.metadata, name: "w1" } };
  const items = [lease("c2", "10.0.0.2:6443"), own, lease("w2", "not: an address")];
  const fake = { ...client(["10.0.0.1"]), list: async () => ({ items }) };
  const known = await controllerAddresses(fake as unknown as KubeClient, false, signal);
  expect([known?.has("10.0.0.2"), known?.has("10.0.0.4")]).toEqual([true, false]);
});

test("leases alone do not make all controllers known", async () => {
  expect(await controllerAddresses(client([]), false, signal)).toBeUndefined();
});
