import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { KubeError } from "../kube/errors.ts";
import type { KubeObject } from "../kube/types.ts";
import { exactNumber } from "../std/exact-json.ts";
import { applyObject } from "./apply-object.ts";
import type { Applied } from "./apply-object.ts";
import { conflictsOf } from "./field-conflicts.ts";
import type { ApplyMode, YieldedField } from "./field-conflicts.ts";
import { fieldAt, withoutFields } from "./field-path.ts";
import { fakeApiServer } from "./testdata/fake-api-server.ts";

const { signal } = new AbortController();
const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: "default", name: "web" };
const deployment = (replicas: number, image = "1"): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "default" },
  spec: { replicas, image, paused: false },
});

function world() {
  const api = fakeApiServer();
  let yielded: readonly YieldedField[] = [];
  return {
    api,
    apply: async (object: KubeObject, mode: ApplyMode): Promise<Applied> => {
      const result = await applyObject(object, { client: api.client, mode, yielded, signal });
      ({ yielded } = result);
      return result;
    },
    /** As a tool or a controller writes. */
    change: (spec: object, fieldManager: string, subresource?: string) =>
      api.client.patch(
        ref,
        "merge",
        { spec },
        { fieldManager, ...(subresource === undefined ? {} : { subresource }) },
      ),
    spec: () => api.object("Deployment default/web")?.["spec"],
    forced: () => api.forced,
    forget: () => {
      yielded = [];
    },
  };
}

describe("who set a field keeps it", () => {
  test.each(["kube-controller-manager", "kubectl", "keda"])("if %s scaled, for good", async (manager) => {
    const { apply, change, spec, forced, forget } = world();
    await apply(deployment(1), "manifest");
    await change({ replicas: 3 }, manager, "scale");
    for (let round = 0; round < 3; round++) await apply(deployment(1), "periodic");
    expect(spec()).toEqual({ replicas: 3, image: "1", paused: false });
    // A change of something else, also when nothing is known of before.
    await apply(deployment(1, "2"), "manifest");
    forget();
    await apply(deployment(1, "3"), "manifest");
    await apply(deployment(1, "3"), "periodic");
    expect(spec()).toEqual({ replicas: 3, image: "3", paused: false });
    expect(forced()).toBe(0);
  });

  test("until the manifest has a new word about this field", async () => {
    const { apply, change, spec } = world();
    await apply(deployment(1), "manifest");
    await change({ replicas: 3 }, "kubectl", "scale");
    await apply(deployment(1), "periodic");
    await apply(deployment(2), "manifest");
    expect(spec()).toMatchObject({ replicas: 2 });
    await change({ replicas: 5 }, "kubectl", "scale");
    expect((await apply(deployment(2), "periodic")).yielded).toEqual([
      { field: ".spec.replicas", manager: "kubectl", subresource: "scale", value: "2" },
    ]);
    expect(spec()).toMatchObject({ replicas: 5 });
  });

  test("a controller keeps what it set on a periodic look, and also when the manifest changes elsewhere", async () => {
    const { apply, change, spec } = world();
    await apply(deployment(1), "manifest");
    await change({ paused: true }, "rollout-controller");
    await apply(deployment(1), "periodic");
    await apply(deployment(1, "2"), "manifest");
    expect(spec()).toEqual({ replicas: 1, image: "2", paused: true });
  });
});

describe("what is taken back", () => {
  test.each(["kubectl-edit", "kubectl-patch", "kubectl-client-side-apply", "before-first-apply"])(
    "what %s changed, beside a scale that stays",
    async (tool) => {
      const { apply, change, spec } = world();
      await apply(deployment(1), "manifest");
      await change({ image: "edited" }, tool);
      await change({ replicas: 3 }, "kubectl", "scale");
      await apply(deployment(1), "periodic");
      expect(spec()).toEqual({ replicas: 3, image: "1", paused: false });
    },
  );

  test("but not what somebody else takes while it is taken back", async () => {
    const { api, apply, change, spec } = world();
    await apply(deployment(1), "manifest");
    await change({ image: "edited" }, "kubectl-edit");
    let scaled = 0;
    api.before = async ({ method, path }) => {
      if (method !== "PATCH" || !path.includes("force=true") || scaled === 2) return;
      scaled += 1;
      // A request of an autoscaler that is a moment faster.
      await change({ replicas: 10 + scaled }, "kube-controller-manager", "scale");
    };
    await apply(deployment(1), "periodic");
    expect(spec()).toEqual({ replicas: 12, image: "1", paused: false });
  });

  test("a field that was removed", async () => {
    const { apply, change, spec } = world();
    await apply(deployment(1), "manifest");
    await change({ image: null }, "kubectl-edit");
    await apply(deployment(1), "periodic");
    expect(spec()).toMatchObject({ image: "1" });
  });

  test("all of an object that somebody else made before it had a manifest, but for its scale", async () => {
    const { api, apply, change, spec } = world();
    await api.client.create(deployment(7, "theirs"), { fieldManager: "helm" });
    await change({ replicas: 4 }, "kube-controller-manager", "scale");
    await apply(deployment(1), "manifest");
    expect(spec()).toEqual({ replicas: 4, image: "1", paused: false });
  });

  test("everything, always, of an object that is k0s' own", async () => {
    const { apply, change, spec } = world();
    await apply(deployment(1), "force");
    await change({ replicas: 3 }, "kubectl", "scale");
    await apply(deployment(1), "force");
    expect(spec()).toMatchObject({ replicas: 1 });
  });

  test("law: a periodic look never changes a field that is neither a tool's nor nobody's", async () => {
    const writers = fc.constantFrom(
      ["kubectl", "scale"] as const,
      ["kube-controller-manager", "scale"] as const,
      ["some-controller", undefined] as const,
      ["kubectl", undefined] as const,
    );
    const fields = fc.constantFrom("replicas", "image", "paused", "more");
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(writers, fields, fc.integer({ min: 10, max: 99 }))),
        async (writes) => {
          const { apply, change, spec } = world();
          await apply(deployment(1), "manifest");
          for (const [[manager, subresource], field, value] of writes) {
            await change({ [field]: value }, manager, subresource);
            const before = spec();
            await apply(deployment(1), "periodic");
            expect(spec()).toEqual(before);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

test("conflicts as the API server words them", () => {
  expect(conflictsOf(new Error("x"))).toEqual([]);
  const causes = [
    'conflict with "kubectl-edit" using apps/v1 at 2026-11-26T09:00:00Z',
    'conflict with "kube-controller-manager" with subresource "scale" using apps/v1',
    'conflict with "argocd"',
  ];
  const err = new KubeError({
    status: 409,
    reason: "Conflict",
    message: "Apply failed",
    details: {
      causes: causes.map((message) => ({ reason: "FieldManagerConflict", message, field: ".spec.x" })),
    },
  });
  expect(conflictsOf(err).map(({ manager, subresource }) => `${manager}/${subresource}`)).toEqual([
    "kubectl-edit/",
    "kube-controller-manager/scale",
    "argocd/",
  ]);
});

describe("paths of fields", () => {
  const object = {
    metadata: { annotations: { "example.com/x": "1", example: "2" } },
    spec: {
      replicas: 1,
      finalizers: ["a.b/c", "d"],
      ports: [
        { port: 80, protocol: "TCP" },
        { port: 80, protocol: "UDP" },
      ],
      containers: [{ name: "a]b", image: "x" }],
      list: [1, { deep: exactNumber("12345678901234567890") }],
    },
  };
  test.each<[string, unknown]>([
    [".spec.replicas", 1],
    [".metadata.annotations.example.com/x", "1"],
    [".metadata.annotations.example", "2"],
    ['.spec.ports[port=80,protocol="UDP"].protocol', "UDP"],
    ['.spec.containers[name="a]b"].image', "x"],
    ['.spec.finalizers[="a.b/c"]', "a.b/c"],
    [".spec.list[0]", 1],
  ])("%s", (path, value) => {
    expect(fieldAt(object, path)).toEqual(value);
    expect(fieldAt(withoutFields(object, [path]), path)).not.toEqual(value);
    expect(JSON.stringify(withoutFields(object, [path]))).toContain("12345678901234567890");
  });
  test("what is not there is passed over, and the object itself stays as it is", () => {
    const paths = [
      ".spec.nothing",
      ".spec.list[7]",
      '.spec.containers[name="z"]',
      "nonsense",
      ".spec.replicas.x",
    ];
    expect(withoutFields(object, paths)).toEqual(object);
    withoutFields(object, [".spec"]);
    expect(object.spec.replicas).toBe(1);
  });
});
