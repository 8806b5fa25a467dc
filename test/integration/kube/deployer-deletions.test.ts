// What the deployer does to objects that matter, on a real API server: deletions that must not be, and fields of others.

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStackDeployer } from "../../../src/deployer/stack-deployer.ts";
import type { StackDeployer } from "../../../src/deployer/stack-deployer.ts";
import { alwaysLeader } from "../../../src/kube/lease.ts";
import type { KubeObject, ObjectRef } from "../../../src/kube/types.ts";
import { lookPause } from "../../harness/look-pause.ts";
import { pollUntil } from "../../../src/std/wait.ts";
import { startTestApiServer } from "./api-server.ts";
import type { TestApiServer } from "./api-server.ts";
import { memoryLog } from "./memory-log.ts";
import { controllerRole } from "../../../src/roles/controller.ts";
import { systemStacksOf } from "../../../src/roles/folds/workloads.ts";

let api: TestApiServer;
let dir: string;
const running = new Set<StackDeployer>();
const log = memoryLog();
const grace = { ordinaryMs: 400, preciousMs: 1_200 };
/** Several rounds of everything, and longer than any time that a deletion takes. */
const longEnough = () => Bun.sleep(2_200);

beforeAll(async () => {
  api = await startTestApiServer();
}, 400_000);
afterAll(async () => {
  await api?.stop();
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "k0s-deletions-"));
});
afterEach(async () => {
  await Promise.all([...running].map((deployer) => deployer.stop()));
  running.clear();
  await rm(dir, { recursive: true, force: true });
  log.lines.length = 0;
});

async function start(name = "one"): Promise<StackDeployer> {
  const deployer = createStackDeployer({
    client: async () => api.client,
    systemStacks: systemStacksOf(controllerRole),
    manifestsDir: join(dir, name),
    inventoryDir: join(dir, `${name}-deployed`),
    under: "",
    machine: "m",
    leader: alwaysLeader(),
    log,
    timing: { replacedMs: 50, writtenMs: 100, pollMs: 300, driftMs: 300, grace },
  });
  running.add(deployer);
  await deployer.init?.(AbortSignal.timeout(60_000));
  await deployer.start(AbortSignal.timeout(60_000));
  return deployer;
}

const path = (...names: string[]): string => join(dir, "one", ...names);
const text = (...objects: KubeObject[]): string =>
  objects.map((object) => JSON.stringify(object)).join("\n---\n");
async function write(stack: string, ...objects: KubeObject[]): Promise<void> {
  await mkdir(path(stack), { recursive: true });
  await writeFile(path(stack, "all.yaml"), text(...objects));
}
const namespace = (name: string): KubeObject => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
const configMap = (name: string, place = "default"): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: place },
  data: { id: "1" },
});
const refOf = ({ apiVersion, kind, metadata }: KubeObject): ObjectRef => ({
  apiVersion,
  kind,
  name: metadata.name ?? "",
  namespace: kind === "Namespace" ? undefined : metadata.namespace,
});
const appears = (object: KubeObject) =>
  pollUntil(() => api.client.find(refOf(object)), {
    what: object.metadata.name ?? "",
    intervalMs: lookPause(20),
    timeoutMs: 60_000,
  });
/** What has to happen, however busy the machine is. */
const becomesTrue = (what: string, probe: () => Promise<boolean> | boolean) =>
  pollUntil(probe, { what, intervalMs: lookPause(20), timeoutMs: 60_000 });
/** The very object that was there, and nobody has asked to delete it. */
async function expectKept(before: KubeObject): Promise<void> {
  const now = await api.client.find(refOf(before));
  expect(now?.metadata.uid).toBe(before.metadata.uid ?? "");
  expect(now?.metadata.deletionTimestamp).toBeUndefined();
}

test("a namespace in the metadata of a Namespace and of a definition is no other object", async () => {
  const group = "shop.example.com";
  const crd: KubeObject = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `orders.${group}`, namespace: "shop" },
    spec: {
      group,
      scope: "Cluster",
      names: { plural: "orders", singular: "order", kind: "Order" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
        },
      ],
    },
  };
  // Beside it: a number that JavaScript does not hold, and a custom cluster-scoped object with a stray namespace.
  const order = `{"apiVersion":"${group}/v1","kind":"Order","metadata":{"name":"o","namespace":"shop"},"id":1234567890123456789}`;
  const shop = { ...namespace("shop"), metadata: { name: "shop", namespace: "shop" } };
  await mkdir(path("shop"), { recursive: true });
  await writeFile(path("shop", "all.yaml"), `${text(shop, crd)}\n---\n${order}\n`);
  await start();
  const place = await appears(shop);
  const definition = await appears(crd);
  await pollUntil(() => api.client.find({ apiVersion: `${group}/v1`, kind: "Order", name: "o" }), {
    what: "the order",
    intervalMs: lookPause(20),
    timeoutMs: 60_000,
  });
  await longEnough();
  await expectKept(place);
  await expectKept(definition);
  const answer = await api.client.raw(`/apis/${group}/v1/orders/o`);
  expect(await answer.text()).toContain('"id":1234567890123456789');
});

test("a file that is written slowly, a folder that is renamed, a file that comes back", async () => {
  await write("q", namespace("prod"), configMap("prod-a"));
  await start();
  const [place, map] = [await appears(namespace("prod")), await appears(configMap("prod-a"))];
  await writeFile(path("q", "all.yaml"), "");
  await longEnough();
  await writeFile(path("q", "all.yaml"), text(namespace("prod")));
  await Bun.sleep(200);
  await write("q", namespace("prod"), configMap("prod-a"));
  await longEnough();
  await expectKept(place);
  await expectKept(map);
  await rename(path("q"), path("r"));
  await becomesTrue("the namespace in stack r", async () => {
    const { metadata } = await api.client.get(refOf(place));
    return metadata.labels?.["k0s.k0sproject.io/stack"] === "r";
  });
  await longEnough();
  await expectKept(place);
  await expectKept(map);
});

test("a link to what went, as a file and as a folder", async () => {
  const mount = join(dir, "mount");
  await mkdir(join(mount, "folder"), { recursive: true });
  await writeFile(join(mount, "folder", "all.yaml"), text(configMap("linked-folder")));
  await writeFile(join(mount, "file.yaml"), text(configMap("linked-file")));
  await mkdir(path("p"), { recursive: true });
  await symlink(join(mount, "folder"), path("linked"));
  await symlink(join(mount, "file.yaml"), path("p", "all.yaml"));
  await start();
  const [folder, file] = [await appears(configMap("linked-folder")), await appears(configMap("linked-file"))];
  await rename(mount, join(dir, "away"));
  await longEnough();
  // What is left of a mount point.
  await mkdir(join(mount, "folder"), { recursive: true });
  await longEnough();
  await expectKept(folder);
  await expectKept(file);
});

test("the next leader's folder is empty: what the last one applied stays", async () => {
  await write("app", namespace("tenant"), configMap("tenant-a"));
  const one = await start("one");
  const place = await appears(namespace("tenant"));
  const map = await appears(configMap("tenant-a"));
  await one.stop();
  await mkdir(join(dir, "two", "app"), { recursive: true });
  await start("two");
  await becomesTrue("the words in the log", () =>
    log.lines.some(({ message }) => message === "Objects without a manifest are kept"),
  );
  await becomesTrue("the Event", async () => {
    const events = await api.client.list(
      { apiVersion: "v1", kind: "Event" },
      { namespace: "kube-system", fieldSelector: "involvedObject.name=k0s" },
    );
    return events.items.some((event) =>
      String(event["message"]).includes("this controller has not applied it"),
    );
  });
  await longEnough();
  await expectKept(place);
  await expectKept(map);
});

test("a copy with all labels and owners of fields stays, the original goes with its manifest", async () => {
  await write("app", configMap("original"), configMap("other"));
  await start();
  const original = await appears(configMap("original"));
  const { uid: _uid, resourceVersion: _version, creationTimestamp: _time, ...metadata } = original.metadata;
  const copy = await api.client.create({ ...original, metadata: { ...metadata, name: "copy" } });
  await write("app", configMap("other"));
  await pollUntil(
    async () =>
      (await api.client.find(refOf(original)))?.metadata.deletionTimestamp !== undefined ||
      (await api.client.find(refOf(original))) === undefined,
    {
      what: "the original to go",
      intervalMs: lookPause(50),
      timeoutMs: 60_000,
    },
  );
  await longEnough();
  await expectKept(copy);
});

test("what was scaled stays scaled, what was edited is set right, and the manifest has the last word", async () => {
  const labels = { app: "web" };
  const deployment = (replicas: number, image = "example.invalid/web:1"): KubeObject => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default" },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "web", image }] } },
    },
  });
  const ref = refOf(deployment(1));
  interface Web extends KubeObject {
    spec: { replicas: number; template: { spec: { containers: { image: string }[] } } };
  }
  const state = async (): Promise<string> => {
    const { spec } = await api.client.get<Web>(ref);
    return `${spec.replicas} ${spec.template.spec.containers[0]?.image.split(":")[1] ?? ""}`;
  };
  const becomes = (wanted: string) => becomesTrue(wanted, async () => (await state()) === wanted);
  const told = () => log.lines.filter(({ message }) => message.startsWith("A field of a manifest is left"));
  await write("web", deployment(1));
  const first = await start();
  await appears(deployment(1));
  await api.client.patch(
    ref,
    "merge",
    { spec: { replicas: 3 } },
    { subresource: "scale", fieldManager: "kubectl" },
  );
  await longEnough();
  expect(await state()).toBe("3 1");
  const container = { name: "web", image: "example.invalid/web:edited" };
  const edit = { spec: { template: { spec: { containers: [container] } } } };
  await api.client.patch(ref, "strategic", edit, { fieldManager: "kubectl-edit" });
  await becomes("3 1");
  // Another word of the manifest about something else leaves the scale alone.
  await write("web", deployment(1, "example.invalid/web:2"));
  await becomes("3 2");
  // After a restart nothing is known of before.
  await first.stop();
  await start();
  await becomesTrue("the word of the second deployer", () => told().length === 2);
  await longEnough();
  expect(await state()).toBe("3 2");
  await write("web", deployment(2, "example.invalid/web:2"));
  await becomes("2 2");
  expect(told().map(({ fields }) => fields["field"])).toEqual([".spec.replicas", ".spec.replicas"]);
});
