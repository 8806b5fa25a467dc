// Manifests as people write them, on a real API server: each is taken, or refused with a word that names file and line. One
// folder a row; all of them are there when the deployer starts, so that none disturbs another one.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, rename, rm, symlink } from "node:fs/promises";
import type { StackPhase } from "../../../src/deployer/stack-status.ts";
import { startTestApiServer } from "./api-server.ts";
import type { TestApiServer } from "./api-server.ts";
import { configMap, deployedFolders } from "./deployed-folders.ts";
import type { DeployedFolders } from "./deployed-folders.ts";

interface Input {
  /** File → content; `all.yaml` when it is only one. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** What cannot be written as files. */
  readonly make?: (folder: string) => Promise<void>;
  readonly phase: StackPhase;
  /** ConfigMaps in the namespace `default` that are there then. */
  readonly there?: readonly string[];
  readonly missing?: readonly string[];
  /** Each is a part of a problem. */
  readonly problems?: readonly string[];
  /** Each is a part of a note. */
  readonly notes?: readonly string[];
}

const all = (content: string | Uint8Array): Pick<Input, "files"> => ({ files: { "all.yaml": content } });
const json = (name: string): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "default" },
    data: { a: "1" },
  });
const definition = (group: string): string =>
  `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: tabs.${group}}
spec:
  group: ${group}
  scope: Namespaced
  names: {plural: tabs, singular: tab, kind: Tab}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
`;
const tab = (group: string, name: string): string =>
  `apiVersion: ${group}/v1\nkind: Tab\nmetadata: {name: ${name}, namespace: default}\n`;
const many = (prefix: string, count: number, data: Readonly<Record<string, string>>): string =>
  Array.from({ length: count }, (_none, at) => configMap(`${prefix}-${at}`, data)).join("---\n");

/** What kubelet makes of a ConfigMap: links to links, which are all turned by one rename. */
async function projected(
  folder: string,
  version: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(`${folder}/..${version}`, { recursive: true });
  for (const [name, text] of Object.entries(files)) await Bun.write(`${folder}/..${version}/${name}`, text);
  await symlink(`..${version}`, `${folder}/..data_tmp`);
  await rename(`${folder}/..data_tmp`, `${folder}/..data`);
  for (const name of Object.keys(files))
    await symlink(`..data/${name}`, `${folder}/${name}`).catch((err: NodeJS.ErrnoException) => {
      if (err.code !== "EEXIST") throw err;
    });
}

const taken: Readonly<Record<string, Input>> = {
  documents: {
    ...all(`${configMap("doc-a")}---\n${configMap("doc-b")}`),
    phase: "Applied",
    there: ["doc-a", "doc-b"],
  },
  "empty-documents": {
    ...all(
      `# first\n---\n---\n${configMap("empty-a")}---\n# nothing\n---\n\n---\n${configMap("empty-b")}---\n`,
    ),
    phase: "Applied",
    there: ["empty-a", "empty-b"],
  },
  json: { ...all(json("json-a")), phase: "Applied", there: ["json-a"] },
  "json-pretty": {
    ...all(JSON.stringify(JSON.parse(json("json-b")), null, "\t")),
    phase: "Applied",
    there: ["json-b"],
  },
  list: {
    ...all(`apiVersion: v1\nkind: List\nitems:\n- ${json("list-a")}\n- ${json("list-b")}\n`),
    phase: "Applied",
    there: ["list-a", "list-b"],
  },
  "typed-list": {
    ...all("apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: typed-a, namespace: default}\n"),
    phase: "Applied",
    there: ["typed-a"],
  },
  crlf: {
    ...all(`${configMap("crlf-a")}---\n${configMap("crlf-b")}`.replaceAll("\n", "\r\n")),
    phase: "Applied",
    there: ["crlf-a", "crlf-b"],
  },
  bom: { ...all(`\uFEFF${configMap("bom-a")}`), phase: "Applied", there: ["bom-a"] },
  utf16: {
    ...all(new Uint8Array([0xff, 0xfe, ...Buffer.from(configMap("utf16-a"), "utf16le")])),
    phase: "Applied",
    there: ["utf16-a"],
  },
  anchors: {
    ...all(
      `apiVersion: v1\nkind: List\nitems:\n- &a\n  apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: anchor-a, namespace: default}\n  data: &d {x: "1"}\n- <<: *a\n  metadata: {name: anchor-b, namespace: default}\n  data: {<<: *d, y: "2"}\n`,
    ),
    phase: "Applied",
    there: ["anchor-a", "anchor-b"],
  },
  "five-megabytes": {
    ...all(many("large", 50, { text: "0123456789".repeat(10_500) })),
    phase: "Applied",
    there: ["large-0", "large-49"],
  },
  "two-thousand": {
    ...all(many("many", 2_000, { a: "1" })),
    phase: "Applied",
    there: ["many-0", "many-1999"],
  },
  "definition-and-instances": {
    ...all(
      `${tab("inputs.example.com", "t")}---\n${definition("inputs.example.com")}---\n${configMap("defined-a")}`,
    ),
    phase: "Applied",
    there: ["defined-a"],
  },
  projected: {
    make: (folder) => projected(folder, "2026_1", { "all.yaml": configMap("projected-a") }),
    phase: "Applied",
    there: ["projected-a"],
  },
  editors: {
    files: {
      "all.yaml": configMap("editor-a"),
      ".all.yaml.swp": "b0VIM",
      "all.yaml~": configMap("editor-old"),
      "#all.yaml#": configMap("editor-old"),
      "4913": "",
      "all.yaml.tmp": configMap("editor-old"),
      ".all.yaml.Xa12": configMap("editor-old"),
      sedAbc123: configMap("editor-old"),
      "all.yaml___jb_tmp___": configMap("editor-old"),
    },
    // Emacs' lock leads nowhere.
    make: (folder) => symlink("user@host.1:2", `${folder}/.#all.yaml`),
    phase: "Applied",
    there: ["editor-a"],
    missing: ["editor-old"],
  },
  "other-names": {
    files: { "all.yaml": configMap("name-a"), "b.yml": configMap("name-b"), "c.json": json("name-c") },
    phase: "Applied",
    there: ["name-a"],
    missing: ["name-b", "name-c"],
    notes: ["b.yml: only files named *.yaml are read", "c.json: only files named *.yaml are read"],
  },
  "no-kind": {
    ...all(`${configMap("kind-a")}---\napiVersion: v1\nmetadata: {name: kind-b}\n`),
    phase: "Applied",
    there: ["kind-a"],
    notes: ["all.yaml:9: a document that has no kind is skipped"],
  },
  twice: {
    files: {
      "a.yaml": configMap("twice-a", { value: "1" }),
      "b.yaml": `---\n${configMap("twice-a", { value: "2" })}`,
    },
    phase: "Applied",
    there: ["twice-a"],
    notes: ["ConfigMap default/twice-a is in a.yaml:1 and again in b.yaml:2: the last one is applied"],
  },
  "no-field": {
    ...all(`${configMap("field-a")}dataa: {x: "1"}\n`),
    phase: "Applied",
    there: ["field-a"],
    notes: [".dataa: field not declared in schema"],
  },
};

/** Nothing of the stack is applied. */
const refused: Readonly<Record<string, Input>> = {
  tab: { ...all(`${configMap("tab-a")}\tx: 1\n`), phase: "Failed", problems: ["all.yaml:8:"] },
  template: {
    ...all(`{{- if .Values.x }}\n${configMap("template-a")}{{- end }}\n`),
    phase: "Failed",
    problems: ["all.yaml:1:3"],
  },
  "merge-conflict": {
    ...all(`${configMap("conflict-a")}<<<<<<< HEAD\n  x: "1"\n=======\n`),
    phase: "Failed",
    problems: ["all.yaml:"],
  },
  "duplicate-key": {
    ...all(`${configMap("key-a")}data: {}\n`),
    phase: "Failed",
    problems: ['all.yaml:8:1  duplicate key "data"'],
  },
  cut: {
    ...all("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cut-a\n"),
    phase: "Failed",
    problems: ["all.yaml:4:"],
  },
  latin1: {
    ...all(new Uint8Array([...Buffer.from(configMap("latin-a")), ...Buffer.from("  x: caf"), 0xe9, 0x0a])),
    phase: "Failed",
    problems: ["all.yaml:8  is not UTF-8 text"],
  },
  "no-name": {
    ...all(`${configMap("nameless-a")}---\napiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n`),
    phase: "Failed",
    problems: ["all.yaml:9  a Pod has metadata.generateName instead of metadata.name"],
  },
  "list-of-text": {
    ...all("apiVersion: v1\nkind: List\nitems:\n- text\n"),
    phase: "Failed",
    problems: ["all.yaml:4  an item of a List is not a mapping"],
  },
  binary: {
    ...all(new Uint8Array([0x61, 0x3a, 0x20, 0x00, 0x01])),
    phase: "Failed",
    problems: ["all.yaml:1:"],
  },
  "alias-bomb": {
    ...all(
      `a0: &a0 [x, x]\n${Array.from({ length: 12 }, (_none, at) => `a${at + 1}: &a${at + 1} [${Array(10).fill(`*a${at}`).join(", ")}]\n`).join("")}`,
    ),
    phase: "Failed",
    problems: ["all.yaml:1  its aliases stand for more than"],
  },
  "folder-as-file": {
    files: { "a.yaml": configMap("folder-a") },
    make: (folder) => mkdir(`${folder}/b.yaml`),
    phase: "Failed",
    missing: ["folder-a"],
    problems: ["b.yaml: is a folder, not a manifest"],
  },
  pipe: {
    files: { "a.yaml": configMap("pipe-a") },
    make: async (folder) => void (await Bun.$`mkfifo ${folder}/b.yaml`.quiet()),
    phase: "Failed",
    missing: ["pipe-a"],
    problems: ["b.yaml: is not a regular file"],
  },
  "two-bad-files": {
    files: { "a.yaml": "a: b: c\n", "b.yaml": "- x\n" },
    phase: "Failed",
    problems: ["a.yaml:1:", "b.yaml:1  a document is not a mapping"],
  },
};

/** The server says no to one object; the others are applied. */
const refusedByServer: Readonly<Record<string, Input>> = {
  "wrong-type": {
    ...all(
      `${configMap("type-a")}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: type-b, namespace: default}\ndata: {x: [1]}\n`,
    ),
    phase: "Failed",
    there: ["type-a"],
    missing: ["type-b"],
    problems: ["ConfigMap default/type-b (all.yaml:9)"],
  },
  "bad-name": {
    ...all(`${configMap("name-ok")}---\n${configMap("Not_A_Name")}`),
    phase: "Failed",
    there: ["name-ok"],
    problems: ["ConfigMap default/Not_A_Name (all.yaml:9)"],
  },
  "too-large": {
    ...all(`${configMap("size-a")}---\n${configMap("size-b", { text: "x".repeat(1_200_000) })}`),
    phase: "Failed",
    there: ["size-a"],
    missing: ["size-b"],
    problems: ["ConfigMap default/size-b (all.yaml:9)"],
  },
  "no-namespace": {
    ...all(
      `${configMap("space-a")}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: space-b, namespace: not-there}\n`,
    ),
    phase: "Failed",
    there: ["space-a"],
    problems: ["ConfigMap not-there/space-b (all.yaml:9)"],
  },
  "unknown-kind": {
    ...all(`${configMap("unknown-a")}---\n${tab("nobody.example.com", "t")}`),
    phase: "Waiting",
    there: ["unknown-a"],
    problems: ["Tab default/t (all.yaml:9): the API server knows no kind Tab in nobody.example.com/v1"],
  },
};

const inputs = { ...taken, ...refused, ...refusedByServer };

let api: TestApiServer;
let world: DeployedFolders;
beforeAll(async () => {
  api = await startTestApiServer();
  world = await deployedFolders(api);
  for (const [stack, { files = {}, make }] of Object.entries(inputs)) {
    await mkdir(world.path(stack), { recursive: true });
    for (const [name, content] of Object.entries(files)) await world.write(`${stack}/${name}`, content);
    await make?.(world.path(stack));
  }
  // A folder behind a link, too.
  await mkdir(`${world.dir}/elsewhere`);
  await Bun.write(`${world.dir}/elsewhere/all.yaml`, configMap("linked-a"));
  await symlink(`${world.dir}/elsewhere`, world.path("linked-folder"));
  await world.start();
}, 400_000);
afterAll(async () => {
  await world?.end();
  await api?.stop();
});

async function check(stack: string, input: Input): Promise<void> {
  const status = await world.becomes(stack, input.phase, 240_000);
  for (const name of input.there ?? []) expect(await world.find(name), name).toBeDefined();
  for (const name of input.missing ?? []) expect(await world.find(name), name).toBeUndefined();
  const problems = status.problems.map(({ object = "", place, message }) =>
    place === undefined ? message : `${object} (${place}): ${message}`,
  );
  for (const part of input.problems ?? [])
    expect(problems.some((text) => text.includes(part)) || problems).toBe(true);
  if (input.problems === undefined) expect(problems).toEqual([]);
  for (const part of input.notes ?? [])
    expect(status.notes.some((text) => text.includes(part)) || status.notes).toBe(true);
  if (input.notes === undefined) expect(status.notes).toEqual([]);
}

describe("taken", () => {
  test.each(Object.entries(taken))("%s", check);

  test("a folder behind a link", async () => {
    await world.appears("linked-a");
    expect((await world.becomes("linked-folder", "Applied")).objects).toBe(1);
  });

  test("2,000 objects are all there, and the instance of a definition of the same file", async () => {
    const { items } = await api.client.list(
      { apiVersion: "v1", kind: "ConfigMap" },
      { labelSelector: "k0s.k0sproject.io/stack=two-thousand", metadataOnly: true },
    );
    expect(items).toHaveLength(2_000);
    const ref = { apiVersion: "inputs.example.com/v1", kind: "Tab", namespace: "default", name: "t" };
    expect(await api.client.find(ref)).toBeDefined();
  });
});

describe("refused as a whole, with file and line", () => {
  test.each(Object.entries(refused))("%s", check);
});

describe("refused by the server, with file and line, beside what is applied", () => {
  test.each(Object.entries(refusedByServer))("%s", check);
});

test("a ConfigMap's folder that turns: what changed is changed, what went goes", async () => {
  // As long as nobody can read what another stack wants, an object may have moved there, and nothing goes.
  for (const stack of Object.keys(refused)) await rm(world.path(stack), { recursive: true });
  const folder = world.path("projected");
  await projected(folder, "2026_2", {
    "all.yaml": configMap("projected-a", { value: "2" }),
    "more.yaml": configMap("projected-b"),
  });
  await rm(`${folder}/..2026_1`, { recursive: true });
  await world.appears("projected-b");
  expect((await world.find("projected-a"))?.["data"]).toEqual({ value: "2" });
  await projected(folder, "2026_3", { "all.yaml": configMap("projected-a", { value: "3" }) });
  await rm(`${folder}/more.yaml`);
  await rm(`${folder}/..2026_2`, { recursive: true });
  await world.vanishes("projected-b");
  const kept = await world.appears("projected-a");
  expect(kept.metadata.deletionTimestamp).toBeUndefined();
  expect(kept["data"]).toEqual({ value: "3" });
});
