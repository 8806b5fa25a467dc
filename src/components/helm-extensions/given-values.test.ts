import { expect, test } from "bun:test";
import type { ObjectRef } from "../../kube/types.ts";
import { type Chart, chartKind, chartNamespace, type ValuesReference } from "./chart.ts";
import { shownError } from "./failure.ts";
import { givenValues, noValues } from "./given-values.ts";

type Objects = Readonly<
  Record<string, { readonly uid: string; readonly data: Readonly<Record<string, string>> }>
>;

const read = (objects: Objects, ...valuesFrom: ValuesReference[]) => {
  const chart: Chart = {
    ...chartKind,
    metadata: { name: "c", namespace: chartNamespace },
    spec: { valuesFrom },
  };
  const find = async ({ kind, name, namespace }: ObjectRef) => {
    expect(namespace).toBe(chartNamespace);
    const object = objects[`${kind} ${name}`];
    return object && { metadata: { uid: object.uid }, data: object.data };
  };
  return givenValues({ find } as never, chart, AbortSignal.timeout(1_000));
};

const config = { uid: "1", data: { "values.yaml": "a: 1", more: "b: 2" } };
const secret = {
  uid: "2",
  data: { "values.yaml": btoa("db: {password: 'hun\"ter2'}\nkey: |\n  one\n  two\n") },
};
const objects = { "ConfigMap web": config, "Secret web": secret };

test("what they hold, in their order; optional ones may be missing", async () => {
  const given = await read(
    objects,
    { kind: "ConfigMap", name: "web", key: "more" },
    { kind: "Secret", name: "none", optional: true },
    { kind: "ConfigMap", name: "web", key: "none", optional: true },
    { kind: "ConfigMap", name: "web" },
  );
  expect(given.texts).toEqual([
    { name: "ConfigMap kube-system/web of valuesFrom, key more", text: "b: 2" },
    { name: "ConfigMap kube-system/web of valuesFrom, key values.yaml", text: "a: 1" },
  ]);
  expect(given.secrets).toEqual([]);
  expect(await read({})).toEqual(noValues);
});

test.each<[ValuesReference, string]>([
  [{ kind: "Secret", name: "none" }, "Secret kube-system/none of valuesFrom not found"],
  [{ kind: "ConfigMap", name: "web", key: "x" }, "ConfigMap kube-system/web of valuesFrom has no key x"],
  [
    { kind: "Secret", name: "bad" },
    "Secret kube-system/bad of valuesFrom, key values.yaml, does not hold YAML",
  ],
  [
    { kind: "Secret", name: "list" },
    "Secret kube-system/list of valuesFrom, key values.yaml, does not hold a YAML mapping",
  ],
])("what is wrong is said, and nothing of a Secret: %#", async (reference, message) => {
  const bad = { uid: "3", data: { "values.yaml": btoa("hidden: [") } };
  const list = { uid: "4", data: { "values.yaml": btoa("[hidden]") } };
  const failed = await read({ ...objects, "Secret bad": bad, "Secret list": list }, reference).catch(String);
  expect(failed).toBe(`UserError: ${message}`);
});

test("what stands in a Secret is not shown, however it is repeated", async () => {
  const { secrets } = await read(objects, { kind: "Secret", name: "web" });
  const said = `Error: password "hun\\"ter2" or hun"ter2, ${btoa('hun"ter2')}, key: one\n two\nhun%22ter2`;
  expect(shownError({ stdout: "", stderr: said }, secrets)).toBe(
    'password "xxxxx" or xxxxx, xxxxx, key: xxxxx xxxxx',
  );
});

test("the hash changes with what they hold, and says nothing to somebody who does not know the objects", async () => {
  const reference = { kind: "Secret", name: "web" } as const;
  const hash = async (uid: string, text: string) =>
    (await read({ "Secret web": { uid, data: { "values.yaml": btoa(text) } } }, reference)).hash;
  const first = await hash("1", "a: 1");
  expect(await hash("1", "a: 1")).toBe(first);
  expect(await hash("1", "a: 2")).not.toBe(first);
  expect(await hash("2", "a: 1")).not.toBe(first);
});
