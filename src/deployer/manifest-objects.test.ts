import { describe, expect, test } from "bun:test";
import { parseManifest } from "./manifest-objects.ts";

const read = (text: string | Uint8Array): string[] => {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const { objects, skipped } = parseManifest(bytes, "x.yaml");
  return [
    ...objects.map(
      ({ object, line }) => `${line} ${object.apiVersion} ${object.kind} ${object.metadata.name ?? ""}`,
    ),
    ...skipped.map(({ line, why }) => `${line} ${why}`),
  ];
};
const map = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
const json = (name: string): string =>
  JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });

describe("taken, with its line", () => {
  test.each<[name: string, text: string | Uint8Array, objects: string[]]>([
    [
      "documents",
      `${map("a")}---\n---\n# none\n---\n${map("b")}---\n`,
      ["1 v1 ConfigMap a", "8 v1 ConfigMap b"],
    ],
    [
      "Windows' line ends",
      `${map("a")}---\n${map("b")}`.replaceAll("\n", "\r\n"),
      ["1 v1 ConfigMap a", "5 v1 ConfigMap b"],
    ],
    ["a byte order mark", `\uFEFF${map("a")}`, ["1 v1 ConfigMap a"]],
    ["UTF-16", new Uint8Array([0xff, 0xfe, ...Buffer.from(map("a"), "utf16le")]), ["1 v1 ConfigMap a"]],
    ["JSON", json("a"), ["1 v1 ConfigMap a"]],
    ["JSON over lines, with tabs", JSON.stringify(JSON.parse(json("a")), null, "\t"), ["1 v1 ConfigMap a"]],
    ["JSON's escapes", json("a").replace('"a"', '"\\u0061\\/\\ud83d\\ude00"'), ["1 v1 ConfigMap a/😀"]],
    [
      "a List",
      `apiVersion: v1\nkind: List\nitems:\n- ${json("a")}\n\n- ${json("b")}\n`,
      ["4 v1 ConfigMap a", "6 v1 ConfigMap b"],
    ],
    [
      "a List in a List",
      `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: List, items: [${json("a")}]}\n`,
      ["4 v1 ConfigMap a"],
    ],
    [
      "a typed list, whose items need not say what they are",
      "apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: a}\n",
      ["4 v1 ConfigMap a"],
    ],
    ["an empty List", "apiVersion: v1\nkind: List\nitems:\n", []],
    [
      "anchors",
      `apiVersion: v1\nkind: List\nitems:\n- &a {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n- <<: *a\n  metadata: {name: b}\n`,
      ["4 v1 ConfigMap a", "5 v1 ConfigMap b"],
    ],
    [
      "a kind that ends in List and is none",
      "apiVersion: example.com/v1\nkind: WaitList\nmetadata: {name: a}\n",
      ["1 example.com/v1 WaitList a"],
    ],
    ["nothing", "", []],
    ["comments", "# a\n---\n# b\n", []],
  ])("%s", (_name, text, objects) => {
    expect(read(text)).toEqual(objects);
  });
});

describe("skipped, as upstream does, with a word", () => {
  test.each([
    ["kind: ConfigMap\nmetadata: {name: a}\n", "1 has no apiVersion"],
    ["# x\n\napiVersion: v1\nkindd: ConfigMap\n", "3 has no kind"],
    ["a: 1\n", "1 has no apiVersion and no kind"],
    ["apiVersion: 1\nkind: ConfigMap\n", "1 has no apiVersion that is text"],
  ])("%p", (text, why) => {
    expect(read(`${text}---\n${map("b")}`).at(-1)).toBe(why);
  });
});

describe("refused, with file and line", () => {
  test.each([
    ["text", "x.yaml:1  a document is not a mapping"],
    [`${map("a")}---\n\n- 1\n`, "x.yaml:6  a document is not a mapping"],
    [`${map("a")}---\napiVersion: v1\nkind: Pod\n`, "x.yaml:5  a Pod has no metadata.name"],
    [
      "apiVersion: v1\nkind: Pod\nmetadata: {name: 12}\n",
      "x.yaml:1  a Pod has a metadata.name that is not text: quote it",
    ],
    [
      "apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n",
      "x.yaml:1  a Pod has metadata.generateName instead",
    ],
    ["apiVersion: v1\nkind: List\nitems:\n- 1\n", "x.yaml:4  an item of a List is not a mapping"],
    [
      "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod}\n",
      "x.yaml:4  a Pod has no metadata.name",
    ],
    [`${map("a")}data:\n\tx: 1\n`, "x.yaml:5:"],
    [`${map("a")}kind: Secret\n`, 'x.yaml:4:1  duplicate key "kind"'],
    [`${map("a")}data: {x: 1\n`, "x.yaml:5:"],
    [`${map("a")}data: *none\n`, 'x.yaml:4:8  unidentified alias "none"'],
    [`{{ if .Values.x }}\n${map("a")}{{ end }}\n`, "x.yaml:2:1  end of the stream"],
    [`<<<<<<< HEAD\n${map("a")}`, "x.yaml:"],
    ["a: \u0000\n", "x.yaml:1:"],
  ])("%p", (text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  test("many aliases are taken, and more than fits in memory is not", () => {
    const labels = Array.from({ length: 20 }, (_none, at) => `l${at}: x`).join(", ");
    const items = Array.from(
      { length: 2_000 },
      (_none, at) => `- {<<: *c, metadata: {name: c${at}, labels: {<<: *l}}}\n`,
    );
    const start = `x-labels: &l {${labels}}\nx-object: &c {apiVersion: v1, kind: ConfigMap}\napiVersion: v1\nkind: List\nitems:\n`;
    expect(read(start + items.join(""))).toHaveLength(2_000);
  });
});
