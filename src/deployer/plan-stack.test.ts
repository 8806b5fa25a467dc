import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { KubeObject } from "../kube/types.ts";
import { objectKey } from "./object-key.ts";
import { fingerprintOf, observedObject } from "./observed-object.ts";
import type { ObservedObject } from "./observed-object.ts";
import { formatStep, planStack } from "./plan-stack.ts";
import type { StackPlanInput } from "./plan-stack.ts";
import { driftAnnotation, markObject } from "./stack-labels.ts";

const configMap = (name: string, value = "1"): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data: { value },
});
const marked = (object: KubeObject): KubeObject => markObject("s", object, "folder/h");
/** As the server has it; `fields` are those that k0s owns there. */
const stored = (object: KubeObject, fields = "all"): ObservedObject =>
  observedObject({
    ...object,
    metadata: {
      ...marked(object).metadata,
      uid: `uid-${object.metadata.name ?? ""}`,
      resourceVersion: "1",
      managedFields: [{ manager: "k0s", operation: "Apply", fieldsV1: { [fields]: {} } }],
    },
  });
const plan = (input: Partial<StackPlanInput>): string[] =>
  planStack({
    complete: true,
    observed: [],
    applied: new Map(),
    unverified: "apply",
    takenBy: () => undefined,
    judge: () => ({ verdict: "delete" }),
    ...input,
    desired: (input.desired ?? []).map((object) => marked(object)),
  }).map((step) => formatStep(step));
const applied = (...objects: ObservedObject[]) =>
  new Map(objects.map((object) => [objectKey(object.ref), fingerprintOf(object)]));

test("what is missing is created: definitions, namespaces, cluster-scoped, settings, workloads, extensions", () => {
  const object = (apiVersion: string, kind: string, name: string, namespace?: string): KubeObject => ({
    apiVersion,
    kind,
    metadata: namespace === undefined ? { name } : { name, namespace },
  });
  const desired = [
    object("apiregistration.k8s.io/v1", "APIService", "a"),
    object("apps/v1", "Deployment", "d", "ns"),
    object("example.com/v1", "Thing", "t", "ns"),
    object("v1", "ServiceAccount", "sa", "ns"),
    object("rbac.authorization.k8s.io/v1", "ClusterRole", "cr"),
    object("v1", "Namespace", "ns"),
    object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "things.example.com"),
  ];
  expect(plan({ desired })).toEqual([
    "create CustomResourceDefinition things.example.com (missing)",
    "wait for CustomResourceDefinition things.example.com",
    "create Namespace ns (missing)",
    "create ClusterRole cr (missing)",
    "create ServiceAccount ns/sa (missing)",
    "create Deployment ns/d (missing)",
    "create Thing ns/t (missing)",
    "create APIService a (missing)",
  ]);
});

test("changed, drifted and unverified objects are applied, others left alone", () => {
  const same = stored(configMap("same"));
  const desired = ["changed", "drifted", "same", "unverified"].map((name) => configMap(name));
  const observed = [
    stored(configMap("changed", "0")),
    stored(configMap("drifted"), "fewer"),
    same,
    stored(configMap("unverified")),
  ];
  const known = applied(same, stored(configMap("drifted")));
  expect(plan({ desired, observed, applied: known })).toEqual([
    "skip ConfigMap default/same",
    "apply ConfigMap default/changed (changed)",
    "apply ConfigMap default/drifted (drifted)",
    "apply ConfigMap default/unverified (unverified)",
  ]);
  expect(
    plan({
      desired: [configMap("unverified")],
      observed: [stored(configMap("unverified"))],
      unverified: "trust",
    }),
  ).toEqual(["skip ConfigMap default/unverified"]);
});

test("who wants changes by others to stay says so in the manifest or on the object; the manifest's own changes count", () => {
  const free = configMap("free");
  free.metadata.annotations = { [driftAnnotation]: "false" };
  const known = applied(stored(free), stored(configMap("live")));
  expect(plan({ desired: [free], observed: [stored(free, "fewer")], applied: known })).toEqual([
    "skip ConfigMap default/free",
  ]);
  const live = { ...stored(configMap("live"), "fewer"), driftIsFine: true };
  expect(plan({ desired: [configMap("live")], observed: [live], applied: known })).toEqual([
    "skip ConfigMap default/live",
  ]);
  expect(plan({ desired: [configMap("live", "2")], observed: [live], applied: known })).toEqual([
    "apply ConfigMap default/live (changed)",
  ]);
  expect(plan({ desired: [configMap("live")], observed: [], applied: known })).toEqual([
    "create ConfigMap default/live (missing)",
  ]);
});

test("an object that another stack has is left to it, and to nobody's deletion", () => {
  const desired = [configMap("shared")];
  expect(plan({ desired, observed: [stored(configMap("shared", "0"))], takenBy: () => "other" })).toEqual([
    "leave ConfigMap default/shared (stack other has it, too, and had it first)",
  ]);
});

test("nothing is deleted while not all is known that is wanted", () => {
  expect(plan({ observed: [stored(configMap("left"))], complete: false })).toEqual([]);
});

test("an object under two names is one: by its uid", () => {
  const desired: KubeObject = { ...configMap("a"), apiVersion: "new.example.com/v1" };
  const twice = [
    observedObject({ ...desired, metadata: { ...marked(desired).metadata, uid: "u" } }),
    observedObject({ ...configMap("a"), metadata: { ...marked(configMap("a")).metadata, uid: "u" } }),
  ];
  expect(plan({ desired: [desired], observed: twice, unverified: "trust" })).toEqual([
    "skip ConfigMap default/a",
  ]);
});

test("a stack that was applied needs nothing; nothing is both applied and deleted", () => {
  const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"));
  fc.assert(
    fc.property(names, names, (wanted, present) => {
      const desired = wanted.map((name) => configMap(name));
      const observed = present.map((name) => stored(configMap(name)));
      const steps = planStack({
        desired: desired.map((object) => marked(object)),
        complete: true,
        observed,
        applied: applied(...observed),
        unverified: "apply",
        takenBy: () => undefined,
        judge: () => ({ verdict: "delete" }),
      });
      const touched = (action: string) =>
        steps
          .filter((step) => step.action === action)
          .map((step) => step.ref.name)
          .sort();
      expect(touched("create")).toEqual(wanted.filter((name) => !present.includes(name)).sort());
      expect(touched("delete")).toEqual(present.filter((name) => !wanted.includes(name)).sort());
      expect(touched("apply")).toEqual([]);
    }),
  );
});
