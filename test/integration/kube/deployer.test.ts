import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { calicoCrds } from "../../../src/components/network/calico/crds.ts";
import { windowsNodeComponent } from "../../../src/components/windows-node/component.ts";
import { clusterConfigSchema } from "../../../src/config/cluster-config.ts";
import { nodeIndex } from "../../../src/deployer/node-index.ts";
import { createStackDeployer, type StackDeployer } from "../../../src/deployer/stack-deployer.ts";
import { alwaysLeader } from "../../../src/kube/lease.ts";
import type { KubeObject } from "../../../src/kube/types.ts";
import { pollUntil } from "../../../src/std/wait.ts";
import { startTestApiServer } from "./api-server.ts";
import type { TestApiServer } from "./api-server.ts";
import { memoryLog } from "./memory-log.ts";
import { startQuickDeployer } from "./quick-deployer.ts";
import { controllerRole } from "../../../src/roles/controller.ts";
import { systemStacksOf } from "../../../src/roles/folds/workloads.ts";

let api: TestApiServer;
let dir: string;
let inventoryDir: string;
let deployer: StackDeployer | undefined;
const log = memoryLog();

beforeAll(async () => {
  api = await startTestApiServer();
  dir = await mkdtemp(join(tmpdir(), "k0s-manifests-"));
  inventoryDir = await mkdtemp(join(tmpdir(), "k0s-deployed-"));
}, 400_000);

afterEach(async () => {
  await deployer?.stop();
  deployer = undefined;
  await rm(dir, { recursive: true, force: true });
  await rm(inventoryDir, { recursive: true, force: true });
  log.lines.length = 0;
});

afterAll(async () => {
  await api?.stop();
});

/** By default the time of the regular look at everything never comes: what happens, happens because somebody noticed. */
async function start(driftMs = 3_600_000): Promise<StackDeployer> {
  deployer = await startQuickDeployer({
    client: async () => api.client,
    systemStacks: systemStacksOf(controllerRole),
    manifestsDir: dir,
    inventoryDir,
    under: "",
    log,
    driftMs,
  });
  return deployer;
}

const configMap = (name: string, value: string): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data: { value },
});
const find = (name: string) =>
  api.client.find({ apiVersion: "v1", kind: "ConfigMap", namespace: "default", name });
const write = async (stack: string, file: string, ...objects: unknown[]): Promise<void> => {
  await mkdir(join(dir, stack), { recursive: true });
  await writeFile(join(dir, stack, file), objects.map((object) => JSON.stringify(object)).join("\n---\n"));
};
const appears = (name: string, timeoutMs = 60_000) =>
  pollUntil(() => find(name), { what: name, intervalMs: 10, timeoutMs });
/** Gone or about to go: the garbage collector, which ends a foreground deletion, does not run here. */
const vanishes = (name: string, timeoutMs = 60_000) =>
  pollUntil(
    async () => {
      const object = await find(name);
      return object === undefined || object.metadata.deletionTimestamp !== undefined;
    },
    { what: `${name} to go`, intervalMs: 20, timeoutMs },
  );

describe("folders", () => {
  test("what is there at the start is applied at once, what is dropped later, too", async () => {
    await write("first", "a.yaml", configMap("first-a", "1"));
    await start();
    await appears("first-a");
    await write("second", "b.yaml", configMap("second-b", "1"));
    const object = await appears("second-b");
    expect(object.metadata.labels).toEqual({ "k0s.k0sproject.io/stack": "second" });
    await write("second", "b.yaml", configMap("second-b", "2"));
    await pollUntil(async () => JSON.stringify((await find("second-b"))?.["data"]) === '{"value":"2"}', {
      what: "the change",
      intervalMs: 20,
      timeoutMs: 60_000,
    });
  });

  test("removing a document, a file, a folder removes the objects", async () => {
    await start();
    await write("gone", "a.yaml", configMap("gone-a", "1"), configMap("gone-b", "1"));
    await write("gone", "c.yaml", configMap("gone-c", "1"));
    await Promise.all([appears("gone-a"), appears("gone-b"), appears("gone-c")]);
    await write("gone", "a.yaml", configMap("gone-a", "1"));
    await vanishes("gone-b");
    await rm(join(dir, "gone", "c.yaml"));
    await vanishes("gone-c");
    expect(await find("gone-a")).toBeDefined();
    await rm(join(dir, "gone"), { recursive: true });
    await vanishes("gone-a");
  });

  test("left-overs of a file that went while nobody looked are swept", async () => {
    await write("swept", "a.yaml", configMap("swept-a", "1"));
    await write("swept", "sa.yaml", {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "swept", namespace: "default" },
    });
    const before = await start();
    // Perhaps before the server's answer is noted: what it was about to create is noted before.
    await before.stop();
    await rm(join(dir, "swept", "a.yaml"));
    await start();
    await vanishes("swept-a");
  });

  test("a bad file fails its own stack only, and says where", async () => {
    await write("good", "a.yaml", configMap("good-a", "1"));
    await write("bad", "a.yaml", configMap("bad-a", "1"));
    await writeFile(join(dir, "bad", "b.yaml"), "a: b: c\n");
    await start();
    await appears("good-a");
    await pollUntil(
      () => log.lines.some((line) => line.level === "error" && JSON.stringify(line).includes("b.yaml")),
      {
        what: "the complaint",
        intervalMs: 20,
        timeoutMs: 60_000,
      },
    );
    expect(await find("bad-a")).toBeUndefined();
    const events = await pollUntil(
      async () => {
        const list = await api.client.list({ apiVersion: "v1", kind: "Event" }, { namespace: "kube-system" });
        const found = list.items.filter((event) => String(event["message"]).startsWith("Stack bad"));
        return found.length > 0 && found;
      },
      { what: "the event", intervalMs: 50, timeoutMs: 60_000 },
    );
    expect(events).toHaveLength(1);
    await rm(join(dir, "bad", "b.yaml"));
    await appears("bad-a");
  });

  test("a definition, its objects, a namespace and what is in it arrive in one go", async () => {
    const group = "stable.example.com";
    const crd = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `crontabs.${group}` },
      spec: {
        group,
        scope: "Namespaced",
        names: { plural: "crontabs", singular: "crontab", kind: "CronTab" },
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
    const tab = {
      apiVersion: `${group}/v1`,
      kind: "CronTab",
      metadata: { name: "tab", namespace: "tabs" },
      spec: { cron: "* * * * *" },
    };
    await write(
      "crd",
      "all.yaml",
      tab,
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "tabs" } },
      crd,
    );
    await start();
    await pollUntil(
      () => api.client.find({ apiVersion: `${group}/v1`, kind: "CronTab", namespace: "tabs", name: "tab" }),
      {
        what: "the CronTab",
        intervalMs: 20,
        timeoutMs: 60_000,
      },
    );
  });

  test("changes by others are corrected, additions by others stay", async () => {
    await write("drift", "a.yaml", configMap("drift-a", "1"));
    await start(300);
    await appears("drift-a");
    const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "drift-a" };
    await api.client.patch(
      ref,
      "merge",
      { data: { value: "spoiled", extra: "kept" } },
      { fieldManager: "kubectl-edit" },
    );
    const mended = await pollUntil(
      async () => {
        const current = await find("drift-a");
        return JSON.stringify(current?.["data"]).includes('"value":"1"') && current;
      },
      { what: "the correction", intervalMs: 20, timeoutMs: 60_000 },
    );
    expect(mended["data"]).toEqual({ value: "1", extra: "kept" });
    await api.client.delete(ref);
    await appears("drift-a");
    const version = (await find("drift-a"))?.metadata.resourceVersion;
    await Bun.sleep(1_000);
    expect((await find("drift-a"))?.metadata.resourceVersion).toBe(version);
  });

  test("symbolic links are followed, ignored folders get a note", async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), "k0s-elsewhere-"));
    try {
      await mkdir(join(dir, "helm"), { recursive: true });
      await writeFile(join(dir, "helm", "x.yaml"), JSON.stringify(configMap("ignored", "1")));
      await symlink(elsewhere, join(dir, "linked"));
      await start();
      await writeFile(join(elsewhere, "a.yaml"), JSON.stringify(configMap("linked-a", "1")));
      await appears("linked-a");
      expect(await readdir(join(dir, "helm"))).toContain("ignored.txt");
      expect(await find("ignored")).toBeUndefined();
    } finally {
      await rm(elsewhere, { recursive: true, force: true });
    }
  });

  test("all manifests gone at once deletes nothing; a new directory is picked up", async () => {
    await write("whole", "a.yaml", configMap("whole-a", "1"));
    await start(300);
    await appears("whole-a");
    await rm(dir, { recursive: true });
    await Bun.sleep(1_000);
    expect(await find("whole-a")).toBeDefined();
    await write("whole", "a.yaml", configMap("whole-a", "2"));
    await write("anew", "a.yaml", configMap("anew-a", "1"));
    await appears("anew-a");
  });
});

describe("system stacks", () => {
  const files = new Map([["coredns.yaml", [configMap("dns", "1")]]]);

  test("are written and applied, before and after the start", async () => {
    await mkdir(dir, { recursive: true });
    const early = createStackDeployer({
      client: async () => api.client,
      systemStacks: systemStacksOf(controllerRole),
      manifestsDir: dir,
      inventoryDir,
      under: "",
      machine: "m",
      leader: alwaysLeader(),
      log,
    });
    deployer = early;
    await early.setStack("coredns", files);
    expect(await readdir(join(dir, "coredns"))).toEqual(["coredns.yaml"]);
    await early.start(AbortSignal.timeout(60_000));
    await appears("dns");
    await early.setStack(
      "coredns",
      new Map([["coredns.yaml", [configMap("dns", "1"), configMap("dns-two", "1")]]]),
    );
    await appears("dns-two");
  });

  test("come back when their manifests are deleted", async () => {
    const started = await start();
    await started.setStack("coredns", files);
    await appears("dns");
    await rm(join(dir, "coredns"), { recursive: true });
    await pollUntil(
      async () => (await readdir(join(dir, "coredns")).catch((): string[] => [])).includes("coredns.yaml"),
      {
        what: "the manifest",
        intervalMs: 20,
        timeoutMs: 60_000,
      },
    );
    expect(await find("dns")).toBeDefined();
  });

  test("are never emptied by an empty folder, only on purpose", async () => {
    const before = await start();
    await before.setStack("coredns", files);
    await appears("dns");
    await before.stop();
    await rm(join(dir, "coredns", "coredns.yaml"));
    const started = await start(300);
    const kept = (line: (typeof log.lines)[number]) =>
      line.message === "Objects without a manifest are kept" && line.fields["stack"] === "coredns";
    await pollUntil(() => log.lines.some(kept), { what: "the word", intervalMs: 20, timeoutMs: 60_000 });
    await Bun.sleep(1_500);
    expect(await find("dns")).toBeDefined();
    await started.setStack("coredns", files);
    await started.removeStack("coredns");
    await vanishes("dns");
  });
});

describe("a user's manifest that server-side apply refuses", () => {
  test("is merged instead", async () => {
    await write("loose", "a.yaml", { ...configMap("loose-a", "1"), notAField: { x: 1 } });
    await start();
    await appears("loose-a");
    // The object is there a moment before the answer is.
    const said = "Server-side apply refuses a manifest, it is merged instead";
    await pollUntil(() => log.lines.some(({ message }) => message === said), {
      what: "the word",
      intervalMs: 20,
      timeoutMs: 10_000,
    });
  });
});

test("what nodes with Windows need is taken by the server, and goes with the last of them", async () => {
  await write("calico_init", "crds.yaml", ...calicoCrds());
  const stacks = await start();
  const config = clusterConfigSchema({ single: false, dataDir: dir, publicAddress: "192.0.2.1" }).parse({});
  const client = async () => api.client;
  const nodes = nodeIndex({ client, log });
  const paths = { manifestsDir: dir };
  const windows = windowsNodeComponent({ config, paths, disabledComponents: new Set(), stacks, nodes, log });
  const node = { apiVersion: "v1", kind: "Node", name: "w" };
  const labels = { "kubernetes.io/os": "windows" };
  const objects = [
    { apiVersion: "apps/v1", kind: "DaemonSet", namespace: "kube-system", name: "kube-proxy-windows" },
    { apiVersion: "apps/v1", kind: "DaemonSet", namespace: "kube-system", name: "calico-node-windows" },
    { apiVersion: "v1", kind: "ConfigMap", namespace: "kube-system", name: "kube-proxy" },
    { apiVersion: "crd.projectcalico.org/v1", kind: "IPAMConfig", name: "default" },
  ];
  const there = async (): Promise<number> => {
    const found = await Promise.all(objects.map((ref) => api.client.find(ref)));
    return found.filter((object) => object !== undefined && object.metadata.deletionTimestamp === undefined)
      .length;
  };
  const become = (count: number) =>
    pollUntil(async () => (await there()) === count, {
      what: `${count} objects for Windows`,
      intervalMs: 50,
      timeoutMs: 120_000,
    });
  try {
    await nodes.start(AbortSignal.timeout(60_000));
    await windows.start(AbortSignal.timeout(60_000));
    expect(await there()).toBe(0);
    await api.client.create({ ...node, metadata: { name: "w", labels } });
    await become(objects.length);
    await api.client.delete(node);
    await become(0);
  } finally {
    await windows.stop();
    await nodes.stop();
  }
});
