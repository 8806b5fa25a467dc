// Against a client with one Node. With a real containerd: test/full/runtimes.test.ts.

import { afterEach, expect, test } from "bun:test";
import type { KubeClient } from "../../kube/client.ts";
import { KubeError } from "../../kube/errors.ts";
import { type Node, nodeKind } from "../../kube/objects/node.ts";
import type { KubeObject } from "../../kube/types.ts";
import { pollUntil } from "../../std/wait.ts";
import { silentLog } from "../../supervisor/testdata/recording-log.ts";
import type { RuntimeFacts } from "./cri.ts";
import { nodeChanges } from "./node-facts.ts";
import { nodeReport } from "./node-report.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

const nodeWith = (labels: Record<string, string>, status = ""): Node => ({
  ...nodeKind,
  metadata: { name: "w1", labels },
  ...(status === "" ? {} : { status: { conditions: [{ type: "ContainerdHasNoDeprecations", status }] } }),
});
const old = { id: "io.containerd.deprecation/cri-registry-mirrors", message: "use config_path" };
const changes = (node: Node, facts: Partial<RuntimeFacts>) =>
  nodeChanges(node, { handlers: ["runc"], deprecations: [], ...facts }, new Date(0));

test("labels follow the runtimes that are known by name; those of others stay", () => {
  const has = { handlers: ["runc", "crun", "foo"] };
  expect(changes(nodeWith({ a: "b" }), has).labels).toEqual({ "k0s.k0sproject.io/runtime-crun": "true" });
  const labelled = nodeWith({
    "k0s.k0sproject.io/runtime-crun": "true",
    "k0s.k0sproject.io/runtime-own": "true",
  });
  expect(changes(labelled, has).labels).toBeUndefined();
  expect(changes(labelled, {}).labels).toEqual({ "k0s.k0sproject.io/runtime-crun": null });
});

test("the condition has upstream's words, and is written only when it changes", () => {
  const at = "1970-01-01T00:00:00Z";
  expect(changes(nodeWith({}), {}).condition).toEqual({
    type: "ContainerdHasNoDeprecations",
    status: "True",
    reason: "NoDeprecations",
    message: "No containerd deprecation warnings detected",
    lastHeartbeatTime: at,
    lastTransitionTime: at,
  });
  expect(changes(nodeWith({}, "True"), {}).condition).toBeUndefined();
  expect(changes(nodeWith({}, "True"), { deprecations: [old] }).condition).toMatchObject({
    status: "False",
    reason: "DeprecationsDetected",
  });
  expect(changes(nodeWith({}, "False"), { deprecations: [old] }).condition).toBeUndefined();
});

test("the Node is waited for, told once, and told again what is new, with an Event for each setting", async () => {
  let facts: RuntimeFacts = { handlers: ["runc", "crun"], deprecations: [] };
  let node: Node | undefined;
  const patches: unknown[] = [];
  const events: KubeObject[] = [];
  let looks = 0;
  const client = {
    get: async () => {
      if (node === undefined) throw new KubeError({ status: 404, reason: "NotFound", message: "no node" });
      return node;
    },
    patch: async (_: unknown, type: string, patch: unknown, options: { subresource?: string }) =>
      void patches.push([type, options.subresource ?? "", patch]),
    create: async (event: KubeObject) => void events.push(event),
  } as unknown as KubeClient;
  const component = nodeReport({
    nodeName: "w1",
    facts: async () => ((looks += 1), facts),
    client: async () => client,
    dependsOn: [],
    log: silentLog,
    everyMs: 10,
  });
  await component.start(new AbortController().signal);
  cleanups.push(() => component.stop());
  const until = (what: string, probe: () => boolean): Promise<unknown> =>
    pollUntil(probe, { what, intervalMs: 5, timeoutMs: 20_000 });
  await until("a look", () => looks > 0);
  expect(patches).toEqual([]);
  node = nodeWith({});
  await until("the patches", () => patches.length === 2);
  expect(patches).toMatchObject([
    ["merge", "", { metadata: { labels: { "k0s.k0sproject.io/runtime-crun": "true" } } }],
    ["strategic", "status", { status: { conditions: [{ status: "True" }] } }],
  ]);
  node = nodeWith({ "k0s.k0sproject.io/runtime-crun": "true" }, "True");
  const before = looks;
  await until("more looks", () => looks > before + 3);
  expect(patches).toHaveLength(2);
  facts = { ...facts, deprecations: [old] };
  await until("the Event", () => events.length === 1);
  expect(patches).toHaveLength(3);
  expect(events[0]).toMatchObject({
    reason: "ContainerdDeprecationDetected",
    type: "Warning",
    message: `Containerd deprecation: ${old.id} - ${old.message}`,
  });
});
