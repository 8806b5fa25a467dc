import { expect, test } from "bun:test";
import { fieldChanges } from "./field-changes.ts";

const lines = (before: unknown, after: unknown): string[] =>
  fieldChanges(before, after).map(
    ({ field, before, after }) => `${field} ${JSON.stringify(before)} ${JSON.stringify(after)}`,
  );

test.each<[name: string, before: unknown, after: unknown, changes: string[]]>([
  ["nothing", { a: { b: [1, { c: 2 }] } }, { a: { b: [1, { c: 2 }] } }, []],
  ["a value", { spec: { replicas: 1 } }, { spec: { replicas: 3 } }, [".spec.replicas 1 3"]],
  [
    "what comes and goes",
    { data: { a: "1" } },
    { data: { b: "2" } },
    ['.data.a "1" undefined', '.data.b undefined "2"'],
  ],
  ["a whole branch", {}, { spec: { a: { b: 1, c: 2 } } }, [".spec.a.b undefined 1", ".spec.a.c undefined 2"]],
  ["an empty branch", {}, { spec: {} }, [".spec undefined {}"]],
  [
    "items with names, in another order",
    {
      c: [
        { name: "a", image: "1" },
        { name: "b", image: "1" },
      ],
    },
    {
      c: [
        { name: "b", image: "2" },
        { name: "a", image: "1" },
      ],
    },
    ['.c[name="b"].image "1" "2"'],
  ],
  ["items without names", { c: [1, 2] }, { c: [1, 3, 4] }, [".c[1] 2 3", ".c[2] undefined 4"]],
  ["another type", { a: { b: 1 } }, { a: [1] }, ['.a {"b":1} [1]']],
  [
    "what the server writes, and marks of the deployer",
    {
      metadata: { uid: "1", labels: { a: "1" }, annotations: { "k0s.k0sproject.io/stack-origin": "x" } },
      status: { a: 1 },
    },
    {
      metadata: {
        uid: "2",
        labels: { a: "2" },
        managedFields: [1],
        annotations: { "k0s.k0sproject.io/stack-origin": "y" },
      },
    },
    ['.metadata.labels.a "1" "2"'],
  ],
  [
    "a Secret",
    { kind: "Secret", data: { a: "c2VjcmV0", b: "eA==" }, type: "x" },
    { kind: "Secret", data: { a: "b3RoZXI=" }, type: "y" },
    [
      '.data.a "(hidden, 8 characters)" "(hidden, 8 characters)"',
      '.data.b "(hidden, 4 characters)" undefined',
      '.type "x" "y"',
    ],
  ],
])("%s", (_name, before, after, changes) => {
  expect(lines(before, after)).toEqual(changes);
});

test("a data that is text as a whole is hidden, too", () => {
  expect(
    JSON.stringify(fieldChanges({ kind: "Secret", data: "open" }, { kind: "Secret", data: "sesame" })),
  ).not.toContain("sesame");
});

test("the copy of a Secret that kubectl keeps in an annotation is hidden, too", () => {
  const secret = (copy: string) => ({
    kind: "Secret",
    metadata: { annotations: { "kubectl.kubernetes.io/last-applied-configuration": copy } },
  });
  const [change] = fieldChanges(secret('{"data":{"a":"b3Blbg=="}}'), secret('{"data":{"a":"c2VzYW1l"}}'));
  expect(change?.before).toBe("(hidden, 25 characters)");
  expect(change?.after).toBe("(hidden, 25 characters)");
});
