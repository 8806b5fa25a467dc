import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { KubeObject } from "../kube/types.ts";
import { fingerprintOf, formatStep, objectKey, planStack } from "./plan-stack.ts";
import type { StackPlanInput } from "./plan-stack.ts";
import { markObject } from "./stack-labels.ts";

const configMap = (name: string, value = "1"): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data: { value },
});
const stored = (object: KubeObject, version = "1"): KubeObject => {
  const marked = markObject("s", object);
  return {
    ...marked,
    metadata: { ...marked.metadata, uid: `uid-${object.metadata.name ?? ""}`, resourceVersion: version },
  };
};
const plan = (input: Partial<StackPlanInput>): string[] =>
  planStack({
    stack: "s",
    desired: [],
    complete: true,
    observed: [],
    applied: new Map(),
    unverified: "apply",
    protectWhenEmpty: false,
    ...input,
  }).map(formatStep);
const applied = (...objects: KubeObject[]) =>
  new Map(
    objects.map((object) => [
      objectKey({ ...object, name: object.metadata.name ?? "", namespace: object.metadata.namespace }),
      fingerprintOf(object),
    ]),
  );

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
    stored(configMap("drifted"), "2"),
    same,
    stored(configMap("unverified")),
  ];
  const known = applied(same, stored(configMap("drifted"), "1"));
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

test("what left the stack is deleted, but not what somebody owns, nor the system's namespaces, nor the last of what the cluster needs", () => {
  const owned = stored(configMap("owned"));
  owned.metadata.ownerReferences = [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "u" }];
  const namespace = stored({ apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system" } });
  const role = stored({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "r" },
  });
  expect(plan({ observed: [role, owned, namespace, stored(configMap("left"))] })).toEqual([
    "delete ConfigMap default/left",
    "delete ClusterRole r",
    "keep Namespace kube-system (a namespace of the system)",
  ]);
  expect(plan({ observed: [stored(configMap("dns"))], protectWhenEmpty: true })).toEqual([
    "keep ConfigMap default/dns (its manifests are gone, but the cluster needs it)",
  ]);
});

test("a stack that was applied needs nothing; nothing is both applied and deleted", () => {
  const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"));
  fc.assert(
    fc.property(names, names, (wanted, present) => {
      const desired = wanted.map((name) => configMap(name));
      const observed = present.map((name) => stored(configMap(name)));
      const steps = planStack({
        stack: "s",
        desired,
        complete: true,
        observed,
        applied: applied(...observed),
        unverified: "apply",
        protectWhenEmpty: false,
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
