import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createKubeClient } from "../../../src/kube/client.ts";
import { KubeConnectionError, KubeError, isAlreadyExists, isConflict } from "../../../src/kube/errors.ts";
import type { KubeObject, KubeResource, WatchEvent } from "../../../src/kube/types.ts";
import { startTestApiServer } from "./api-server.ts";
import type { TestApiServer } from "./api-server.ts";

interface ConfigMap extends KubeResource {
  data?: Record<string, string>;
}

let api: TestApiServer;

/** What the promise is rejected with. */
async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (err) {
    return err;
  }
  throw new Error("it was expected to fail");
}

beforeAll(async () => {
  api = await startTestApiServer();
}, 400_000);

afterAll(async () => {
  await api?.stop();
});

const configMap = (name: string, data: Record<string, string> = {}): ConfigMap => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace: "default", name },
  data,
});
const refTo = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", namespace: "default", name });

describe("objects", () => {
  test("are created, read, replaced, patched and deleted", async () => {
    const { client } = api;
    const created = await client.create(configMap("crud", { a: "1" }));
    expect(created.metadata.uid).toBeDefined();
    const stale = created;
    const updated = await client.update({ ...created, data: { a: "2" } });
    expect(updated.data).toEqual({ a: "2" });
    const conflict = await client.update({ ...stale, data: { a: "3" } }).catch((err: unknown) => err);
    expect(isConflict(conflict)).toBe(true);
    const merged = await client.patch<ConfigMap>(refTo("crud"), "merge", { data: { b: "x" } });
    expect(merged.data).toEqual({ a: "2", b: "x" });
    const patched = await client.patch<ConfigMap>(refTo("crud"), "json", [{ op: "remove", path: "/data/a" }]);
    expect(patched.data).toEqual({ b: "x" });
    expect(await client.delete(refTo("crud"))).toBe(true);
    expect(await client.delete(refTo("crud"))).toBe(false);
    expect(await client.find(refTo("crud"))).toBeUndefined();
  });

  test("refusals are errors with status and reason", async () => {
    const { client } = api;
    await client.create(configMap("twice"));
    const again = await client.create(configMap("twice")).catch((err: unknown) => err);
    expect(isAlreadyExists(again)).toBe(true);
    const missing = await client.get(refTo("missing")).catch((err: unknown) => err);
    expect(missing).toBeInstanceOf(KubeError);
    expect(missing).toMatchObject({ status: 404, reason: "NotFound" });
    const homeless = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "homeless" } };
    expect(String(await failure(client.create(homeless)))).toContain(
      "ConfigMap homeless needs a metadata.namespace",
    );
    const unknown = { apiVersion: "nothing.example/v1", kind: "Thing", metadata: { name: "x" } };
    const refused = await client.create(unknown).catch((err: unknown) => err);
    expect(refused).toMatchObject({ reason: "NoKindMatch" });
  });

  test("server-side apply owns its fields and takes over by force", async () => {
    const { client } = api;
    await client.apply(configMap("ssa", { a: "1", b: "1" }), { fieldManager: "one" });
    const contested = await client
      .apply(configMap("ssa", { a: "2" }), { fieldManager: "two" })
      .catch((err: unknown) => err);
    expect(isConflict(contested)).toBe(true);
    await client.apply(configMap("ssa", { a: "2" }), { fieldManager: "two", force: true });
    const without = await client.apply(configMap("ssa", {}), { fieldManager: "one", force: true });
    expect(without.data).toEqual({ a: "2" });
    const before = await client.get(refTo("ssa"));
    const same = await client.apply(configMap("ssa", { a: "2" }), { fieldManager: "two", force: true });
    expect(same.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    await client.apply(configMap("dry", {}), { fieldManager: "one", dryRun: true });
    expect(await client.find(refTo("dry"))).toBeUndefined();
  });

  test("lists select by label, give kinds to items, and metadata alone on demand", async () => {
    const { client } = api;
    for (const name of ["l1", "l2"]) {
      await client.create({
        ...configMap(name, { big: "x" }),
        metadata: { namespace: "default", name, labels: { set: "list" } },
      });
    }
    const full = await client.list<ConfigMap>(
      { apiVersion: "v1", kind: "ConfigMap" },
      { labelSelector: "set=list" },
    );
    expect(full.items.map((item) => [item.kind, item.metadata.name, item.data])).toEqual([
      ["ConfigMap", "l1", { big: "x" }],
      ["ConfigMap", "l2", { big: "x" }],
    ]);
    const bare = await client.list<ConfigMap>(
      { apiVersion: "v1", kind: "ConfigMap" },
      { labelSelector: "set=list", metadataOnly: true },
    );
    expect(bare.items.map((item) => [item.kind, item.data])).toEqual([
      ["ConfigMap", undefined],
      ["ConfigMap", undefined],
    ]);
  });

  test("kinds outside the built-in table come from discovery", async () => {
    const { client } = api;
    const list = await client.list({ apiVersion: "flowcontrol.apiserver.k8s.io/v1", kind: "FlowSchema" });
    expect(list.items.length).toBeGreaterThan(3);
    const all = await client.discover();
    const deployments = all.find((resource) => resource.kind === "Deployment");
    expect(deployments).toMatchObject({ apiVersion: "apps/v1", plural: "deployments", namespaced: true });
  });
});

describe("watches", () => {
  test("bring what exists and what changes, and end with their signal", async () => {
    const { client } = api;
    await client.create(configMap("w1"));
    const abort = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      const events = client.watch(
        { apiVersion: "v1", kind: "ConfigMap" },
        { namespace: "default", fieldSelector: "metadata.name=w1", signal: abort.signal },
      );
      for await (const event of events) {
        seen.push(event.type);
        if (event.type === "ADDED") await client.patch(refTo("w1"), "merge", { data: { n: "1" } });
        if (event.type === "MODIFIED") await client.delete(refTo("w1"));
        if (event.type === "DELETED") abort.abort(new Error("enough"));
      }
    })();
    expect(String(await failure(watching))).toContain("enough");
    expect(seen.filter((type) => type !== "BOOKMARK")).toEqual(["ADDED", "MODIFIED", "DELETED"]);
  });

  test("a large object arrives whole", async () => {
    const { client } = api;
    const big = "x".repeat(700_000);
    await client.create(configMap("big", { big }));
    let event: WatchEvent<ConfigMap> | undefined;
    for await (const next of client.watch<ConfigMap>(
      { apiVersion: "v1", kind: "ConfigMap" },
      { namespace: "default", fieldSelector: "metadata.name=big" },
    )) {
      event = next;
      break;
    }
    expect(event?.type === "ADDED" && event.object.data?.["big"]).toBe(big);
  });

  test("end when the server's time is over", async () => {
    const types: string[] = [];
    for await (const event of api.client.watch({ apiVersion: "v1", kind: "Secret" }, { timeoutSeconds: 1 }))
      types.push(event.type);
    expect(types).not.toContain("ERROR");
  });

  test("an old place is told as Expired", async () => {
    const watching = (async () => {
      for await (const _ of api.client.watch(
        { apiVersion: "v1", kind: "ConfigMap" },
        { resourceVersion: "1" },
      ))
        return;
    })();
    const err = await watching.catch((caught: unknown) => caught);
    if (err !== undefined) expect(err).toMatchObject({ status: 410 });
  });
});

describe("identities", () => {
  test("are kept apart in one process", async () => {
    const node = await api.clientFor("system:node:n1", ["system:nodes"]);
    const whoami = async (client: typeof api.client): Promise<unknown> => {
      const review: KubeObject = {
        apiVersion: "authentication.k8s.io/v1",
        kind: "SelfSubjectReview",
        metadata: {},
      };
      return (await client.create(review))["status"];
    };
    expect(await whoami(node)).toMatchObject({ userInfo: { username: "system:node:n1" } });
    expect(await whoami(api.client)).toMatchObject({ userInfo: { username: "admin" } });
    expect(await whoami(node)).toMatchObject({ userInfo: { username: "system:node:n1" } });
    expect(await failure(node.list({ apiVersion: "v1", kind: "Secret" }))).toMatchObject({
      status: 403,
      reason: "Forbidden",
    });
  });

  test("a server of a foreign CA is refused, and so is nobody", async () => {
    const admin = await api.pki.issue("admin", ["system:masters"]);
    const misled = createKubeClient({ server: api.server, ca: await api.pki.foreignCa(), ...admin });
    expect(await failure(misled.raw("/readyz", { retries: 0 }))).toBeInstanceOf(KubeConnectionError);
    const nobody = createKubeClient({ server: api.server, ca: api.pki.ca });
    expect(await failure(nobody.raw("/version"))).toMatchObject({ status: 401 });
    const stranger = createKubeClient({
      server: api.server,
      ca: api.pki.ca,
      token: "abcdef.0123456789abcdef",
    });
    const err: unknown = await stranger.raw("/version").catch((caught: unknown) => caught);
    expect(err).toMatchObject({ status: 401 });
    expect(String(err)).not.toContain("0123456789abcdef");
  });

  test("nothing answers: a connection error, soon", async () => {
    const client = createKubeClient({ server: "https://127.0.0.1:1", ca: api.pki.ca });
    expect(await failure(client.raw("/readyz", { retries: 0 }))).toBeInstanceOf(KubeConnectionError);
  });
});
