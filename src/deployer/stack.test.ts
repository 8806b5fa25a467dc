import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { KubeObject } from "../kube/types.ts";
import { silentLog } from "./testdata/silent-log.ts";
import { KubeError } from "../kube/errors.ts";
import { fakeApiServer } from "./testdata/fake-api-server.ts";
import type { FakeApiServer } from "./testdata/fake-api-server.ts";
import { createBudget } from "../std/budget.ts";
import { createStack } from "./stack.ts";
import type { PassDepth } from "./stack.ts";
import { generatedOrigin } from "./stack-labels.ts";
import { judgeInternal } from "./surplus.ts";

const { signal } = new AbortController();
const object = (apiVersion: string, kind: string, name: string, namespace?: string): KubeObject => ({
  apiVersion,
  kind,
  metadata: namespace === undefined ? { name } : { name, namespace },
});

const open = (api: FakeApiServer) => {
  const stack = createStack({ client: api.client, name: "s", log: silentLog, budget: createBudget(8) });
  return async (objects: readonly KubeObject[], depth: PassDepth): Promise<void> => {
    const desired = objects.map((object) => ({ object }));
    await stack.converge({ desired, depth, signal, originOf: generatedOrigin, judge: judgeInternal });
  };
};

describe("an object is what the server says it is", () => {
  test.each([
    ["a Namespace with a stray namespace", object("v1", "Namespace", "shop", "shop")],
    [
      "a definition with a stray namespace",
      object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "orders.example.com", "shop"),
    ],
    ["a ClusterRole with a stray namespace", object("rbac.authorization.k8s.io/v1", "ClusterRole", "r", "x")],
    ["a custom cluster-scoped kind with a stray namespace", object("example.com/v1", "Gadget", "g", "x")],
    ["a ConfigMap without a namespace", object("v1", "ConfigMap", "c")],
    ["a custom namespaced kind without a namespace", object("example.com/v1", "Widget", "w")],
    ["an empty namespace", object("v1", "ConfigMap", "c", "")],
  ])("%s is applied once and never deleted", async (_name, wanted) => {
    const api = fakeApiServer();
    const converge = open(api);
    const desired = [{ ...wanted, status: { conditions: [{ type: "Established", status: "True" }] } }];
    for (const depth of ["quick", "verify", "sweep", "sweep"] as const) await converge(desired, depth);
    expect(api.deleted).toEqual([]);
    expect(api.objects().size).toBe(1);
    expect(api.requests.filter((request) => request.startsWith("PATCH"))).toHaveLength(1);
  });

  test("law: whatever is wanted in whatever order, no pass deletes what it applied", async () => {
    const kinds = fc.constantFrom(
      ["v1", "Namespace"] as const,
      ["v1", "ConfigMap"] as const,
      ["example.com/v1", "Gadget"] as const,
      ["example.com/v1", "Widget"] as const,
      ["unknown.example.com/v1", "Thing"] as const,
    );
    const objects = fc.array(
      fc.record({
        kind: kinds,
        name: fc.constantFrom("a", "b"),
        namespace: fc.constantFrom(undefined, "", "default", "x"),
      }),
      { maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(objects, { minLength: 1, maxLength: 4 }), async (readings) => {
        const api = fakeApiServer();
        const converge = open(api);
        const bothInOnePass: string[] = [];
        for (const reading of readings) {
          const before = api.deleted.length;
          const applied = new Set<string>();
          api.before = async ({ method, path }) => {
            if (method === "PATCH") applied.add(path.split("?", 1)[0] ?? "");
            if (method === "DELETE" && applied.has(path)) bothInOnePass.push(path);
          };
          const desired = reading.map(({ kind: [apiVersion, kind], name, namespace }) =>
            object(apiVersion, kind, name, namespace),
          );
          await converge(desired, "sweep");
          const unknown = reading.some(({ kind: [apiVersion] }) => apiVersion.startsWith("unknown"));
          if (unknown) expect(api.deleted.length).toBe(before);
        }
        expect(bothInOnePass).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

test("a field that the schema does not have is told about once, and the rest is applied", async () => {
  const api = fakeApiServer();
  api.before = async ({ contentType }) => {
    if (contentType === "application/apply-patch+yaml")
      throw new KubeError({ status: 500, reason: "", message: ".dataa: field not declared in schema" });
  };
  const notices: string[] = [];
  const stack = createStack({
    client: api.client,
    name: "s",
    log: silentLog,
    budget: createBudget(8),
    onNotice: (text) => notices.push(text),
  });
  const wanted = { ...object("v1", "ConfigMap", "c", "x"), dataa: { a: "1" } };
  for (const depth of ["quick", "verify"] as const)
    await stack.converge({
      desired: [{ object: wanted }],
      depth,
      signal,
      originOf: generatedOrigin,
      judge: judgeInternal,
    });
  expect(api.objects().size).toBe(1);
  expect(notices).toEqual([
    expect.stringMatching(
      /ConfigMap.*applied without what the server does not take: .*dataa: field not declared/,
    ),
  ]);
});

test("objects of a later turn are not written before those of an earlier one are", async () => {
  const api = fakeApiServer();
  const stack = createStack({
    client: api.client,
    name: "s",
    log: silentLog,
    budget: createBudget(8),
    turnOf: ({ metadata: { name = "" } }) => (name.startsWith("late") ? -1 : 0),
  });
  const objects = ["a", "late-2", "b", "late-1"].map((name) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "default" },
  }));
  const seen: string[] = [];
  api.before = async ({ path, method = "GET" }) => {
    if (method === "GET") return;
    const early = path.includes("/late");
    seen.push(`${early ? "first" : "second"} begins`);
    await Bun.sleep(early ? 30 : 0);
    seen.push(`${early ? "first" : "second"} ends`);
  };
  await stack.converge({
    desired: objects.map((object) => ({ object })),
    depth: "quick",
    signal: AbortSignal.timeout(20_000),
    originOf: () => "o",
    judge: () => ({ verdict: "ignore" }),
  });
  expect(seen.lastIndexOf("first ends")).toBeLessThan(seen.indexOf("second begins"));
  expect(seen).toHaveLength(8);
});
