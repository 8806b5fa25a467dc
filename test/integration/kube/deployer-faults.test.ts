// The deployer under fire, on a real API server: whatever happens to manifests, server, leader or disk, nothing is lost and
// nothing is removed that nobody took away. The table is in docs/manifests.md.

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { appendFile, mkdir, rename, rm, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { KubeClient } from "../../../src/kube/client.ts";
import { switchedLeader } from "../../../src/kube/testdata/switched-leader.ts";
import type { KubeObject } from "../../../src/kube/types.ts";
import { lookPause } from "../../harness/look-pause.ts";
import { pollUntil } from "../../../src/std/wait.ts";
import { startTestApiServer } from "./api-server.ts";
import type { TestApiServer } from "./api-server.ts";
import { configMap, deployedFolders, grace } from "./deployed-folders.ts";
import type { DeployedFolders } from "./deployed-folders.ts";

let api: TestApiServer;
let world: DeployedFolders;
beforeAll(async () => {
  api = await startTestApiServer();
}, 400_000);
afterAll(async () => {
  await api?.stop();
});
beforeEach(async () => {
  world = await deployedFolders(api);
});
afterEach(async () => {
  await world.end();
});

/** Several rounds of everything, and longer than any time that a deletion takes. */
const longEnough = () => Bun.sleep(grace.preciousMs + 2_000);
const soon = <T>(what: string, probe: () => T | Promise<T>, timeoutMs = 120_000) =>
  pollUntil(probe, { what, intervalMs: lookPause(20), timeoutMs });

/** The very object that was there, and nobody has asked to delete it. */
async function expectKept(before: KubeObject): Promise<void> {
  const now = await world.find(before.metadata.name ?? "");
  expect(now?.metadata.uid).toBe(before.metadata.uid ?? "");
  expect(now?.metadata.deletionTimestamp).toBeUndefined();
}

test("half-written: what was applied stays, and what is new comes with the rest", async () => {
  await world.write("slow/all.yaml", configMap("slow-a"));
  await world.start();
  const before = await world.appears("slow-a");
  const text = `${configMap("slow-b")}---\n${configMap("slow-a")}`;
  // In place, and cut within an object.
  await world.write("slow/all.yaml", text.slice(0, 60));
  await world.becomes("slow", "Failed");
  await longEnough();
  await expectKept(before);
  // Cut between two objects, which is a whole manifest as well: its end comes in time.
  await world.write("slow/all.yaml", configMap("slow-b"));
  await Bun.sleep(grace.ordinaryMs / 2);
  await appendFile(world.path("slow", "all.yaml"), `---\n${configMap("slow-a")}`);
  await world.becomes("slow", "Applied");
  await world.appears("slow-b");
  await longEnough();
  await expectKept(before);
});

test("renamed: a file within its folder, a file to another folder, a folder", async () => {
  await world.write("names/a.yaml", configMap("names-a"));
  await world.write("names/b.yaml", configMap("names-b"));
  await world.start();
  await world.becomes("names", "Applied");
  const [a, b] = [await world.appears("names-a"), await world.appears("names-b")];
  await rename(world.path("names", "a.yaml"), world.path("names", "c.yaml"));
  await mkdir(world.path("names-new"));
  await rename(world.path("names", "b.yaml"), world.path("names-new", "b.yaml"));
  await world.becomes("names-new", "Applied");
  await longEnough();
  await rename(world.path("names"), world.path("names-last"));
  await world.becomes("names-last", "Applied");
  await longEnough();
  await expectKept(a);
  await expectKept(b);
});

test("a link that leads nowhere for a while", async () => {
  await world.write("../target/all.yaml", configMap("link-a"));
  await mkdir(world.path("link"));
  await symlink(join(world.dir, "target", "all.yaml"), world.path("link", "all.yaml"));
  await world.start();
  const before = await world.appears("link-a");
  await rename(join(world.dir, "target"), join(world.dir, "away"));
  const { kept } = await world.becomes("link", "Kept");
  expect(kept[0]?.why).toContain("is a symbolic link to something that is not there");
  await longEnough();
  await rename(join(world.dir, "away"), join(world.dir, "target"));
  await world.becomes("link", "Applied");
  await expectKept(before);
});

test("invalid YAML: what a good file made stays, and other stacks go on", async () => {
  await world.write("invalid/good.yaml", configMap("invalid-a"));
  await world.start();
  const before = await world.appears("invalid-a");
  await world.write("invalid/bad.yaml", "a: b: c\n");
  const { problems } = await world.becomes("invalid", "Failed");
  expect(problems[0]?.message).toContain(`${world.path("invalid", "bad.yaml")}:1:5`);
  // Not even what was taken away beside it goes: it may have moved into the file that cannot be read.
  await unlink(world.path("invalid", "good.yaml"));
  await world.write("beside/all.yaml", configMap("beside-a"));
  await world.appears("beside-a");
  await longEnough();
  await expectKept(before);
  await world.write("invalid/bad.yaml", configMap("invalid-a"));
  await world.becomes("invalid", "Applied");
  await expectKept(before);
});

test("unknown kinds: the stack waits, and goes on when somebody defines them", async () => {
  const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: tabs.faults.example.com}
spec:
  group: faults.example.com
  scope: Namespaced
  names: {plural: tabs, singular: tab, kind: Tab}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
`;
  const tab = "apiVersion: faults.example.com/v1\nkind: Tab\nmetadata: {name: t, namespace: default}\n";
  await world.write("waits/all.yaml", `${configMap("waits-a")}---\n${tab}`);
  await world.write("waits/b.yaml", configMap("waits-b"));
  await world.start();
  await world.becomes("waits", "Waiting");
  const before = await world.appears("waits-b");
  // As long as it is not known what an object is called, nothing is deleted.
  await unlink(world.path("waits", "b.yaml"));
  await longEnough();
  await expectKept(before);
  await world.write("defines/all.yaml", definition);
  await world.becomes("waits", "Applied");
  const ref = { apiVersion: "faults.example.com/v1", kind: "Tab", namespace: "default", name: "t" };
  expect(await api.client.find(ref)).toBeDefined();
  await world.vanishes("waits-b");
});

test("a policy that refuses: the rest is applied, nothing goes, and what it refused comes when it is gone", async () => {
  const admission = { apiVersion: "admissionregistration.k8s.io/v1", metadata: { name: "faults" } };
  const rule = {
    apiGroups: [""],
    apiVersions: ["v1"],
    operations: ["CREATE", "UPDATE"],
    resources: ["configmaps"],
  };
  const policy: KubeObject = {
    ...admission,
    kind: "ValidatingAdmissionPolicy",
    spec: {
      failurePolicy: "Fail",
      matchConstraints: { resourceRules: [rule] },
      validations: [{ expression: "object.metadata.name != 'policy-b'", message: "policy-b is not wanted" }],
    },
  };
  const binding: KubeObject = {
    ...admission,
    kind: "ValidatingAdmissionPolicyBinding",
    spec: { policyName: "faults", validationActions: ["Deny"] },
  };
  for (const object of [policy, binding]) await api.client.create(object);
  await world.start();
  const probe: KubeObject = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "policy-b", namespace: "default" },
  };
  await soon("the policy to work", async () => {
    const answer = await api.client.create(probe, { dryRun: true }).catch((err: unknown) => String(err));
    return typeof answer === "string" && answer.includes("policy-b is not wanted");
  });
  await world.write("policy/old.yaml", configMap("policy-old"));
  const old = await world.appears("policy-old");
  await world.write("policy/all.yaml", `${configMap("policy-a")}---\n${configMap("policy-b")}`);
  const { problems } = await world.becomes("policy", "Failed");
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({ object: "ConfigMap default/policy-b", place: "all.yaml:9" });
  expect(problems[0]?.message).toContain("policy-b is not wanted");
  await world.appears("policy-a");
  // A stack that is not applied whole deletes nothing.
  await unlink(world.path("policy", "old.yaml"));
  await longEnough();
  await expectKept(old);
  for (const { apiVersion, kind } of [binding, policy])
    await api.client.delete({ apiVersion, kind, name: "faults" });
  await world.becomes("policy", "Applied", 240_000);
  expect(await world.find("policy-b")).toBeDefined();
  await world.vanishes("policy-old");
});

test("the API server is away for a minute: what changed meanwhile is applied after it, and nothing else happens", async () => {
  for (const name of ["a", "b", "c"]) await world.write(`down/${name}.yaml`, configMap(`down-${name}`));
  await world.start();
  await world.becomes("down", "Applied");
  const [a, c] = [await world.appears("down-a"), await world.appears("down-c")];
  await api.kill();
  await world.write("down/a.yaml", configMap("down-a", { value: "2" }));
  await unlink(world.path("down", "b.yaml"));
  await world.write("down/d.yaml", configMap("down-d"));
  await Bun.sleep(60_000);
  await api.restart();
  await world.appears("down-d");
  await soon(
    "the change",
    async () => JSON.stringify((await world.find("down-a"))?.["data"]) === '{"value":"2"}',
  );
  await world.vanishes("down-b");
  await world.becomes("down", "Applied");
  await longEnough();
  await expectKept(a);
  await expectKept(c);
});

test("the leader changes in the middle: the next one goes on, and answers for all of it", async () => {
  const count = 400;
  const names = Array.from({ length: count }, (_none, at) => `middle-${at}`);
  await world.write("middle/all.yaml", names.map((name) => configMap(name)).join("---\n"));
  const [one, two] = [switchedLeader(), switchedLeader()];
  let applied = 0;
  const client: KubeClient = {
    ...api.client,
    async apply(object, options) {
      const answer = await api.client.apply(object, options);
      applied += 1;
      if (applied === 20) one.lead(false);
      return answer;
    },
  };
  await world.start({ name: "one", leader: one, client });
  await world.start({ name: "two", leader: two });
  const uids = async (): Promise<Map<string, string>> => {
    const { items } = await api.client.list(
      { apiVersion: "v1", kind: "ConfigMap" },
      { labelSelector: "k0s.k0sproject.io/stack=middle", metadataOnly: true },
    );
    return new Map(
      items
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map(({ metadata }) => [metadata.name ?? "", metadata.uid ?? ""]),
    );
  };
  one.lead(true);
  await soon("the end of its term", () => applied >= 20);
  // What was sent already is answered.
  await Bun.sleep(500);
  const before = await uids();
  // Some of the twenty are the deployer's own records.
  expect(before.size).toBeGreaterThan(10);
  expect(before.size).toBeLessThan(count);
  two.lead(true);
  await soon(
    "all of them by the next",
    async () => (await world.becomes("middle", "Applied")).controller === "two",
  );
  const all = await uids();
  expect(all.size).toBe(count);
  for (const [name, uid] of before) expect(all.get(name)).toBe(uid);
  // What the first one has made is the next one's to remove.
  const half = names.slice(0, count / 2);
  await world.write("middle/all.yaml", half.map((name) => configMap(name)).join("---\n"));
  await soon("the other half to go", async () => (await uids()).size === half.length);
  await longEnough();
  expect([...(await uids()).keys()].sort()).toEqual([...half].sort());
});

test("a folder that is emptied loses its objects after a while; an empty one in its place loses nothing", async () => {
  await world.write("emptied/all.yaml", configMap("emptied-a"));
  await world.write("replaced/all.yaml", configMap("replaced-a"));
  await world.start();
  const replaced = await world.appears("replaced-a");
  await world.becomes("emptied", "Applied");
  await unlink(world.path("emptied", "all.yaml"));
  await rename(world.path("replaced"), join(world.dir, "away"));
  await mkdir(world.path("replaced"));
  await world.becomes("emptied", "Removing");
  await world.vanishes("emptied-a");
  const { kept } = await world.becomes("replaced", "Kept");
  expect(kept[0]?.why).toContain("the folder is another one");
  await longEnough();
  await expectKept(replaced);
});

/** A disk of 64 KiB that goes with this process, however that ends: it is mounted for one child alone, which reads what we hold. */
async function smallDisk(): Promise<{ readonly path: string; end(): Promise<void> }> {
  const script = "mount -t tmpfs -o size=64k k0s-small /mnt && echo mounted && read -r _";
  const holder = Bun.spawn(["unshare", "--mount", "--propagation", "private", "sh", "-c", script], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const { value } = await holder.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toBe("mounted\n");
  return {
    path: `/proc/${holder.pid}/root/mnt`,
    async end() {
      await holder.stdin.end();
      await holder.exited;
    },
  };
}

test("a full disk: what is new is created, told, and noted when there is room again", async () => {
  const disk = await smallDisk();
  const small = join(disk.path, "records");
  try {
    await world.write("full/all.yaml", configMap("full-a"));
    const deployer = await world.start({ records: small });
    await world.becomes("full", "Applied");
    const before = await world.appears("full-a");
    const filled = await Bun.$`dd if=/dev/zero of=${join(disk.path, "filler")} bs=4k`.nothrow().quiet();
    expect(filled.stderr.toString()).toContain("No space left on device");
    await world.write("full/b.yaml", configMap("full-b"));
    const { problems } = await world.becomes("full", "Failed");
    expect(problems[0]?.message).toContain("no space is left on the device");
    await world.appears("full-b");
    await longEnough();
    await expectKept(before);
    await rm(join(disk.path, "filler"));
    await world.becomes("full", "Applied");
    await unlink(world.path("full", "b.yaml"));
    await world.vanishes("full-b");
    await expectKept(before);
    await deployer.stop();
  } finally {
    await disk.end();
  }
});
