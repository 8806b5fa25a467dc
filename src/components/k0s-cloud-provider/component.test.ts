// Against a client with one Node, which answers as the API server does. With a real one: test/integration/custom-cluster.test.ts.

import { afterEach, expect, test } from "bun:test";
import type { KubeClient } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import { type Node, nodeKind } from "../../kube/objects/node.ts";
import type { KubeList, WatchEvent } from "../../kube/types.ts";
import { pollUntil, untilAborted } from "../../std/wait.ts";
import { silentLog } from "../../supervisor/testdata/recording-log.ts";
import { k0sCloudProvider } from "./component.ts";
import { externalAddressAnnotation } from "./node-changes.ts";

const { signal } = new AbortController();
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

interface Patch {
  readonly metadata: { readonly resourceVersion: string };
  readonly spec?: Node["spec"];
  readonly status?: Node["status"];
}

/** A cluster of one node, whose kubelet waits for a provider. */
function cluster() {
  const waiting = { key: "node.cloudprovider.kubernetes.io/uninitialized", effect: "NoSchedule" };
  const addresses = [{ type: "Hostname", address: "w1" }];
  let version = 1;
  let node: Node = {
    ...nodeKind,
    metadata: { name: "w1", resourceVersion: "1" },
    spec: { taints: [waiting] },
    status: { addresses },
  };
  const events: WatchEvent<Node>[] = [];
  let heard = Promise.withResolvers<void>();
  const tell = (): void => {
    events.push({ type: "MODIFIED", object: node });
    heard.resolve();
  };
  /** Those that changed the Node; and how many were tried. */
  const patches: string[] = [];
  let tries = 0;
  const set = (next: Node): void => {
    version++;
    node = { ...next, metadata: { ...next.metadata, resourceVersion: `${version}` } };
    tell();
  };
  const client = {
    list: async () => ({ resourceVersion: `${version}`, items: [node] }),
    async *watch(_: unknown, options: { signal: AbortSignal; onOpen?: () => void }) {
      options.onOpen?.();
      while (!options.signal.aborted) {
        yield* events.splice(0);
        await Promise.race([heard.promise, untilAborted(options.signal)]);
        heard = Promise.withResolvers();
      }
    },
    patch: async (_: unknown, type: string, patch: Patch, options: { subresource?: string }) => {
      tries++;
      expect(type).toBe("merge");
      if (patch.metadata.resourceVersion !== node.metadata.resourceVersion)
        throw new KubeError({ status: 409, reason: "Conflict", message: "it has changed" });
      patches.push(options.subresource ?? "node");
      set({ ...node, spec: { ...node.spec, ...patch.spec }, status: { ...node.status, ...patch.status } });
      return node;
    },
  };
  return {
    client: client as unknown as KubeClient,
    patches,
    get node() {
      return node;
    },
    annotate: (value: string) =>
      set({ ...node, metadata: { ...node.metadata, annotations: { [externalAddressAnnotation]: value } } }),
    get tries() {
      return tries;
    },
    /** As a kubelet does; nobody hears of it before `announce`. */
    changeUnheard: () => {
      version++;
      node = { ...node, metadata: { ...node.metadata, resourceVersion: `${version}` } };
    },
    announce: tell,
  };
}

const unused = async (): Promise<never> => {
  throw new Error("nobody else can lead");
};

/** Any port that is free. */
function freePort(): number {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const { port } = server;
  void server.stop(true);
  return port ?? 0;
}

async function started({ client }: Pick<ReturnType<typeof cluster>, "client">, updateEveryMs: number) {
  const port = freePort();
  const component = k0sCloudProvider(
    {
      alone: true,
      client: async () => client,
      leaseClient: unused,
      holder: { identity: "this" },
      log: silentLog,
    },
    { port, updateEveryMs },
  );
  await component.start(signal);
  cleanups.push(() => component.stop());
  const get = (path: string): Promise<Response> =>
    fetch(`https://127.0.0.1:${port}${path}`, { tls: { rejectUnauthorized: false } });
  return { component, get };
}

const until = (what: string, probe: () => boolean): Promise<unknown> =>
  pollUntil(probe, { what, intervalMs: 5, timeoutMs: 10_000 });

const texts = ({ status }: Node): string =>
  (status?.addresses ?? []).map(({ type, address }) => `${type} ${address}`).join(", ");

test("a node is initialized at once, and follows what is noted on it", async () => {
  const world = cluster();
  world.annotate("1.2.3.4");
  await started(world, 20);
  await until("initialization", () => world.node.spec?.providerID === "k0s-cloud-provider://w1");
  expect(world.node.spec?.taints).toEqual([]);
  await until("the address", () => texts(world.node) === "ExternalIP 1.2.3.4, Hostname w1");
  world.annotate("5.6.7.8");
  await until("another address", () => texts(world.node) === "ExternalIP 5.6.7.8, Hostname w1");
  expect(world.patches).toEqual(["node", "status", "status"]);
});

test("addresses are looked at from time to time only: a kubelet that writes others would be answered without end", async () => {
  const world = cluster();
  await started(world, 3_600_000);
  await until("initialization", () => world.node.spec?.taints?.length === 0);
  world.annotate("1.2.3.4");
  await Bun.sleep(100);
  expect(world.patches).toEqual(["node"]);
});

test("a Node that has changed meanwhile is initialized as it is now", async () => {
  const world = cluster();
  // The change comes between the list and the patch.
  const list = async (): Promise<KubeList<Node>> => {
    const answer = { resourceVersion: "1", items: [world.node] };
    world.changeUnheard();
    return answer;
  };
  await started({ client: { ...world.client, list: list as KubeClient["list"] } }, 3_600_000);
  await until("the first try", () => world.tries > 0);
  expect(world.patches).toEqual([]);
  world.announce();
  await until("initialization", () => world.node.spec?.taints?.length === 0);
  expect(world.patches).toEqual(["node"]);
});

test("it says on its port whether it is well", async () => {
  const { component, get } = await started(cluster(), 3_600_000);
  const well = await get("/healthz");
  expect([well.status, await well.text()]).toEqual([200, "ok"]);
  expect((await get("/metrics")).status).toBe(404);
  await component.stop();
  expect(get("/healthz")).rejects.toThrow();
});

test("two nodes with one address have it both, and an Event each that says so, once while it lasts", async () => {
  const noted = (name: string, value: string): Node => ({
    ...nodeKind,
    metadata: { name, resourceVersion: "1", annotations: { [externalAddressAnnotation]: value } },
  });
  const items = [noted("w1", "1.2.3.4, 5.6.7.8"), noted("w2", "1.2.3.4"), noted("w3", "9.9.9.9")];
  const events: string[] = [];
  const given = new Map<string, string>();
  let looks = 0;
  const client = {
    list: async () => ({ resourceVersion: "1", items }),
    async *watch(_: unknown, options: { signal: AbortSignal; onOpen?: () => void }) {
      options.onOpen?.();
      await untilAborted(options.signal);
      yield* [];
    },
    patch: async ({ name }: { name: string }, _: string, { status }: Patch) => {
      looks++;
      given.set(name, texts({ ...nodeKind, metadata: {}, status } as Node));
      return { ...nodeKind, metadata: { name }, status } as Node;
    },
    create: async ({ reason, message, involvedObject }: Record<string, unknown>) =>
      void events.push(`${String(Object(involvedObject)["name"])} ${String(reason)} ${String(message)}`),
  } as unknown as KubeClient;
  await started({ client }, 10);
  await until("looks", () => looks > 9);
  expect(given.get("w2")).toBe("ExternalIP 1.2.3.4");
  const says =
    "SharedExternalAddress 1.2.3.4 is the external address of several nodes: w1, w2; see the annotation k0sproject.io/node-ip-external";
  expect(events).toEqual([`w1 ${says}`, `w2 ${says}`]);
});
