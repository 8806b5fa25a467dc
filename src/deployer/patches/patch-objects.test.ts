import { describe, expect, test } from "bun:test";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import type { KubeObject } from "../../kube/types.ts";
import { dumpYaml } from "../../std/yaml.ts";
import { idlePatches, type Patches, patchObjects } from "./patch-objects.ts";

const path = "spec.metricsServer.patches";
const schema = clusterConfigSchema({ single: true, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.10" });

const deployment: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "kube-system", labels: { "a/b": "c" } },
  spec: {
    strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
    template: {
      spec: {
        tolerations: [{ key: "one" }],
        containers: [
          { name: "web", image: "web:1", args: ["-a"], env: [{ name: "A", value: "1" }] },
          { name: "other", image: "other:1" },
        ],
        volumes: [{ name: "tmp", emptyDir: {} }],
      },
    },
  },
};
const custom: KubeObject = { apiVersion: "example.org/v1", kind: "Oddity", metadata: { name: "web" } };

type Type = Patches[number]["patch"]["type"];

function patches(
  type: Type,
  content: unknown,
  target: object = { kind: "Deployment", name: "web" },
): Patches {
  const patch = { type, content: typeof content === "string" ? content : dumpYaml(content) };
  return schema.parse({ spec: { metricsServer: { patches: [{ target, patch }] } } }).spec.metricsServer
    .patches;
}

function patched(type: Type, content: unknown, object = deployment): unknown {
  const target = { kind: object.kind, name: "web" };
  return patchObjects([object], { path, patches: patches(type, content, target) })[0];
}

describe("JSON", () => {
  const operation = (fields: object): unknown => patched("JSON", [fields]);

  test("each operation", () => {
    expect(operation({ op: "add", path: "/metadata/labels/x~1y", value: "1" })).toMatchObject({
      metadata: { labels: { "x/y": "1", "a/b": "c" } },
    });
    expect(operation({ op: "remove", path: "/metadata/labels/a~1b" })).toMatchObject({
      metadata: { labels: {} },
    });
    const args = "/spec/template/spec/containers/0/args";
    expect(operation({ op: "add", path: `${args}/-`, value: "-b" })).toHaveProperty(
      "spec.template.spec.containers.0.args",
      ["-a", "-b"],
    );
    expect(operation({ op: "add", path: `${args}/0`, value: "-b" })).toHaveProperty(
      "spec.template.spec.containers.0.args",
      ["-b", "-a"],
    );
    expect(operation({ op: "replace", path: `${args}/0`, value: "-b" })).toHaveProperty(
      "spec.template.spec.containers.0.args",
      ["-b"],
    );
    const moved = operation({ op: "move", from: "/metadata/labels", path: "/metadata/annotations" });
    expect(moved).toHaveProperty("metadata", {
      name: "web",
      namespace: "kube-system",
      annotations: { "a/b": "c" },
    });
    expect(operation({ op: "copy", from: "/metadata/labels", path: "/metadata/annotations" })).toMatchObject({
      metadata: { labels: { "a/b": "c" }, annotations: { "a/b": "c" } },
    });
    expect(operation({ op: "test", path: "/metadata/labels", value: { "a/b": "c" } })).toEqual(deployment);
  });

  const broken: readonly (readonly [string, object, string])[] = [
    ["a test that fails", { op: "test", path: "/metadata/name", value: "x" }, 'there is "web"'],
    ["a field that is not there", { op: "replace", path: "/spec/nothing", value: 1 }, "no /spec/nothing"],
    ["a parent that is not there", { op: "add", path: "/nothing/a", value: 1 }, "no /nothing"],
    ["an index beyond the end", { op: "remove", path: "/spec/template/spec/tolerations/1" }, "1 entries"],
    ["no index", { op: "remove", path: "/spec/template/spec/tolerations/a" }, '"a" is not an index'],
    ["a move into itself", { op: "move", from: "/spec", path: "/spec/a" }, "into itself"],
    ["an unknown operation", { op: "set", path: "/a" }, 'op "set" is none of add'],
    ["no value", { op: "add", path: "/a" }, "op add needs a value"],
    ["no pointer", { op: "remove", path: "a" }, 'path "a" is not a JSON pointer'],
    ["no name any more", { op: "remove", path: "/metadata/name" }, "not an object with"],
  ];
  for (const [name, fields, words] of broken) {
    test(`refused: ${name}`, () => {
      expect(() => operation(fields)).toThrow(words);
      expect(() => operation(fields)).toThrow(`${path}[0] cannot be applied to Deployment web`);
    });
  }
});

test("MergePatch: mappings are merged, null removes, lists are replaced", () => {
  const spec = { strategy: null, template: { spec: { containers: [{ name: "one" }] } } };
  expect(patched("MergePatch", { metadata: { labels: { x: "1" } }, spec })).toEqual({
    ...deployment,
    metadata: { ...deployment.metadata, labels: { "a/b": "c", x: "1" } },
    spec: {
      template: { spec: { ...podOf(deployment), containers: [{ name: "one" }] } },
    },
  });
  expect(patched("MergePatch", { a: { b: 1 } }, custom)).toEqual({ ...custom, a: { b: 1 } });
});

function podOf(object: unknown): Record<string, unknown> {
  return (object as { spec: { template: { spec: Record<string, unknown> } } }).spec.template.spec;
}

describe("StrategicMergePatch", () => {
  const pod = (spec: unknown): Record<string, unknown> =>
    podOf(patched("StrategicMergePatch", { spec: { template: { spec } } }));

  test("containers by name, their variables by name, other lists as a whole", () => {
    const env = [{ name: "B", value: "2" }];
    const tolerations = [{ key: "two" }];
    expect(pod({ containers: [{ name: "web", args: ["-b"], env }], tolerations })).toMatchObject({
      tolerations,
      containers: [
        { name: "web", image: "web:1", args: ["-b"], env: [{ name: "A", value: "1" }, ...env] },
        { name: "other", image: "other:1" },
      ],
    });
    expect(pod({ containers: [{ name: "third", image: "c" }] })["containers"]).toHaveLength(3);
  });

  test("directives", () => {
    const names = (spec: object): unknown =>
      (pod(spec)["containers"] as { name: string }[]).map(({ name }) => name);
    expect(names({ containers: [{ $patch: "delete", name: "web" }] })).toEqual(["other"]);
    expect(names({ containers: [{ $patch: "replace" }, { name: "new" }] })).toEqual(["new"]);
    expect(names({ "$setElementOrder/containers": [{ name: "other" }, { name: "web" }] })).toEqual([
      "other",
      "web",
    ]);
    expect(
      patched("StrategicMergePatch", {
        spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } },
      }),
    ).toHaveProperty("spec.strategy", { type: "Recreate" });
    expect(
      patched("StrategicMergePatch", { spec: { strategy: { $patch: "replace", type: "Recreate" } } }),
    ).toHaveProperty("spec.strategy", { type: "Recreate" });
    expect(() => pod({ containers: [{ image: "x" }] })).toThrow("an entry of containers has no name");
    expect(() => pod({ $patch: "some" })).toThrow('$patch "some" is none of merge, replace, delete');
  });

  test("not for kinds whose lists nobody knows", () => {
    expect(() => patched("StrategicMergePatch", { a: 1 }, custom)).toThrow(
      "a StrategicMergePatch works on Kubernetes' own kinds only, not on example.org/v1",
    );
  });
});

test("what no patch names stays the same value; a patch that names nothing is told of", () => {
  const list = {
    path,
    patches: [
      ...patches("MergePatch", { a: 1 }, { kind: "Deployment", name: "web", namespace: "default" }),
      ...patches("MergePatch", { a: 1 }, { kind: "Oddity", name: "web" }),
    ],
  };
  const [first, second] = patchObjects([deployment, custom], list);
  expect(first).toBe(deployment);
  expect(second).toEqual({ ...custom, a: 1 });
  expect(idlePatches([deployment, custom], list)).toEqual([`${path}[0] (Deployment web)`]);
});
