import { describe, expect, test } from "bun:test";
import { array, assert, dictionary, jsonValue, oneof, property, string } from "fast-check";
import { dumpYaml, dumpYamlDocuments, parseYaml, parseYamlDocuments } from "./yaml.ts";
import { yamlPositions } from "./yaml-positions.ts";

describe("values are those that kubectl reads", () => {
  // Left: scalar text. Right: what `kubectl label --local -o json` makes of it (typescript-on-bun §2.12).
  const table: [string, unknown][] = [
    ["yes", true],
    ["On", true],
    ["off", false],
    ["n", false],
    ["0644", 420],
    ["0o644", 420],
    ["0b11", 3],
    ["-0x1F", -31],
    ["1_000", 1000],
    ["1e3", 1000],
    ["089", 89],
    [".5", 0.5],
    ["+12", 12],
    ["12:30:45", "12:30:45"],
    ["2024-01-01", "2024-01-01"],
    ["1.2.3", "1.2.3"],
    ["~", null],
    ["Null", null],
    ["nil", "nil"],
    ["v1", "v1"],
    ["0o8", "0o8"],
    ["0_7", 7],
    ["1__2", 12],
    ["0X1F", 31],
    ["+.5", 0.5],
    ["5.", 5],
    ["-0", 0],
    ["1E5", 100_000],
    ["tRue", "tRue"],
    ["=", "="],
    ["!!str 5", "5"],
    ["2024-01-01T10:00:00Z", "2024-01-01T10:00:00Z"],
    ["10.0.0.0/8", "10.0.0.0/8"],
  ];
  test.each(table)("%s", (text, value) => {
    expect(parseYaml(`a: ${text}`)).toEqual({ a: value });
  });

  test("keys that are no strings become strings", () => {
    expect(parseYaml("y: 1\nn: 2\n1_000: 3")).toEqual({ true: 1, false: 2, "1000": 3 });
  });

  test("merge keys merge", () => {
    expect(parseYaml("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2")).toEqual({ a: { b: 1 }, c: { b: 1, d: 2 } });
  });
});

describe("documents", () => {
  test("empty texts are null", () => {
    for (const text of ["", "\n", "# only a comment\n", "---\n", "--- # x\n"])
      expect(parseYaml(text)).toBeNull();
  });

  test("a trailing separator is fine, a second document is not", () => {
    expect(parseYaml("a: 1\n---\n")).toEqual({ a: 1 });
    expect(() => parseYaml("a: 1\n---\nb: 2", { source: "x.yaml" })).toThrow(
      "x.yaml: holds 2 documents, expected one",
    );
  });

  test("several documents, empty ones dropped", () => {
    expect(parseYamlDocuments("a: 1\n---\n# none\n---\nb: 2\n")).toEqual([{ a: 1 }, { b: 2 }]);
    expect(parseYamlDocuments(dumpYamlDocuments([{ a: 1 }, { b: "--- x" }]))).toEqual([
      { a: 1 },
      { b: "--- x" },
    ]);
  });

  test("errors name source, line and column", () => {
    expect(() => parseYaml("a: 1\nb:\n  c: 1\n  c: 2", { source: "k0s.yaml" })).toThrow(
      'k0s.yaml:4:3  duplicate key "c": this mapping already has it; remove one of the two',
    );
    expect(() => parseYaml("a: [1", { source: "k0s.yaml" })).toThrow("k0s.yaml:1:6  ");
    expect(() => parseYaml("1: a\n'1': b")).toThrow("duplicate key");
  });
});

describe("dump", () => {
  test("quotes what Go would read as something else", () => {
    for (const text of [
      "yes",
      "y",
      "0644",
      "0o7",
      "1_0",
      "089",
      "1e3",
      "12:30:45",
      "2024-01-01",
      "~",
      "",
      "<<",
      "=",
    ]) {
      expect(dumpYaml({ a: text })).toBe(`a: '${text}'\n`);
    }
  });

  test("leaves undefined out, keeps order, sorts on demand", () => {
    expect(dumpYaml({ b: 1, a: undefined, c: [{ d: 1 }] })).toBe("b: 1\nc:\n- d: 1\n");
    expect(dumpYaml({ b: 1, a: { d: 1, c: 2 } }, { sortKeys: true })).toBe("a:\n  c: 2\n  d: 1\nb: 1\n");
  });

  test("law: what is dumped parses to itself", () => {
    const tricky = string({ unit: "grapheme-ascii" });
    const value = oneof(jsonValue(), dictionary(tricky, oneof(tricky, array(tricky))));
    assert(
      property(value, (input) => {
        const plain: unknown = JSON.parse(JSON.stringify(input));
        expect(parseYaml(dumpYaml(plain))).toEqual(plain);
      }),
      { numRuns: 300 },
    );
  });
});

describe("positions", () => {
  const text =
    '# c\nspec:\n  network:\n    podCIDR: "10.0.0.0/8"\n    list:\n    - one: 1\n    - [a, b]\n    none:\n';
  const positions = yamlPositions(text);

  test("of values, keys and items", () => {
    expect(positions.value(["spec", "network", "podCIDR"])).toEqual({ line: 4, column: 14 });
    expect(positions.key(["spec", "network", "podCIDR"])).toEqual({ line: 4, column: 5 });
    expect(positions.value(["spec", "network", "list", 0, "one"])).toEqual({ line: 6, column: 12 });
    expect(positions.value(["spec", "network", "list", 1, 1])).toEqual({ line: 7, column: 11 });
  });

  test("an empty value stands at its key, an absent path at its parent, case does not matter", () => {
    expect(positions.value(["spec", "network", "none"])).toEqual({ line: 8, column: 5 });
    expect(positions.value(["spec", "network", "absent", "x"])).toEqual({ line: 4, column: 5 });
    expect(positions.key(["spec", "NETWORK", "podcidr"])).toEqual({ line: 4, column: 5 });
    expect(yamlPositions("").value(["a"])).toEqual({ line: 1, column: 1 });
  });
});
