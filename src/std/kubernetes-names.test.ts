import { expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  asLabelValue,
  isForbiddenNodeLabel,
  labelKeyProblem,
  labelValueProblem,
  subdomainProblem,
} from "./kubernetes-names.ts";

test("values of labels", () => {
  for (const good of ["", "a", "A_b.c-9", "x".repeat(63)])
    expect([good, labelValueProblem(good)]).toEqual([good, undefined]);
  for (const bad of ["b c", "-a", "a-", "ä", "a/b", "x".repeat(64)])
    expect([bad, labelValueProblem(bad) ?? "accepted"]).not.toContain("accepted");
});

test("keys of labels and taints", () => {
  for (const good of ["a", "example.com/a", "A_b.c", "node-role.kubernetes.io/worker"])
    expect([good, labelKeyProblem(good)]).toEqual([good, undefined]);
  for (const bad of ["", "a/", "/a", "a/b/c", "Example.com/a", "a b", "x".repeat(64), `${"x".repeat(254)}/a`])
    expect([bad, labelKeyProblem(bad) ?? "accepted"]).not.toContain("accepted");
});

test("names of objects", () => {
  for (const good of ["a", "a.b-c.d9", "x".repeat(253)]) expect(subdomainProblem(good)).toBeUndefined();
  for (const bad of ["", "A", "a_b", "a..b", ".a", "a-", "x".repeat(254)])
    expect(subdomainProblem(bad)).toBeString();
});

test("what kubelet may not say of its own node", () => {
  for (const forbidden of ["node-role.kubernetes.io/worker", "kubernetes.io/x", "a.k8s.io/b", "k8s.io/b"])
    expect([forbidden, isForbiddenNodeLabel(forbidden)]).toEqual([forbidden, true]);
  for (const allowed of [
    "worker",
    "example.com/a",
    "node.kubernetes.io/x",
    "a.kubelet.kubernetes.io/x",
    "kubernetes.io/hostname",
    "topology.kubernetes.io/zone",
    "mykubernetes.io/x",
  ])
    expect([allowed, isForbiddenNodeLabel(allowed)]).toEqual([allowed, false]);
});

test("any text becomes a value of a label, and different ones stay different", () => {
  const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,100}[a-z0-9]$/);
  fc.assert(
    fc.property(name, name, (one, other) => {
      expect(labelValueProblem(asLabelValue(one))).toBeUndefined();
      expect(asLabelValue(one) === asLabelValue(other)).toBe(one === other);
    }),
  );
});
