import { describe, expect, test } from "bun:test";
import { array, assert, bigInt, dictionary, jsonValue, oneof, property, string } from "fast-check";
import { dumpYaml, dumpYamlDocuments, parseManifestYaml, parseYaml, parseYamlDocuments } from "./yaml.ts";
import { yamlPositions } from "./yaml-positions.ts";

describe("values are those that kubectl reads", () => {
  // Left: scalar text. Right: what `kubectl label --local -o json` makes of it.
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

describe("manifests are read exactly, or refused with file and line", () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const json = (text: string): string => JSON.stringify(parseManifestYaml(bytes(text))[0]?.value);

  test.each([
    ["1234567890123456789", "1234567890123456789"],
    ["-9223372036854775808", "-9223372036854775808"],
    ["0xFFFFFFFFFFFFFFFF", "18446744073709551615"],
    ["0777777777777777777777", "9223372036854775807"],
    ["1_234_567_890_123_456_789", "1234567890123456789"],
    ["99999999999999999999999999", "99999999999999999999999999"],
    ["9007199254740993", "9007199254740993"],
    ["12", "12"],
    ["1e400", '"1e400"'],
    ["'1234567890123456789'", '"1234567890123456789"'],
  ])("%s", (text, written) => {
    expect(json(`a: ${text}`)).toBe(`{"a":${written}}`);
  });

  test("law: every integer arrives with the digits that it has", () => {
    assert(
      property(bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), (value) => {
        expect(json(`a: ${value}`)).toBe(`{"a":${value}}`);
      }),
    );
  });

  test("what the program itself reckons with loses no digit unseen", () => {
    expect(() => parseYaml("a: 1\nb:\n- 1234567890123456789", { source: "k0s.yaml" })).toThrow(
      "k0s.yaml:3  1234567890123456789 is too large for a number; if it is text, quote it",
    );
    expect(parseYaml("a: 9007199254740994")).toEqual({ a: 9_007_199_254_740_994 });
  });

  test("infinities, and bytes that are no text", () => {
    expect(() => parseManifestYaml(bytes("a: 1\nb: .inf"), { source: "x.yaml" })).toThrow(
      "x.yaml:2  .inf is a number that JSON does not have",
    );
    const latin1 = new Uint8Array([...bytes("a: 1\nb: caf"), 0xe9, 0x0a]);
    expect(() => parseManifestYaml(latin1, { source: "x.yaml" })).toThrow("x.yaml:2  is not UTF-8 text");
    const utf16 = new Uint8Array([0xff, 0xfe, ...Buffer.from("a: é\n", "utf16le")]);
    expect(parseManifestYaml(utf16)).toEqual([{ value: { a: "é" }, line: 1, itemLines: [] }]);
    expect(json("\uFEFFa: 1")).toBe('{"a":1}');
  });

  test("aliases that stand for more than memory holds, or for themselves", () => {
    const level = (at: number): string =>
      `a${at}: &a${at} [${Array(10)
        .fill(`*a${at - 1}`)
        .join(", ")}]\n`;
    const laughs = `a0: &a0 [x, x]\n${[...Array(12).keys()].map((at) => level(at + 1)).join("")}`;
    expect(() => parseManifestYaml(bytes(laughs), { source: "x.yaml" })).toThrow(
      "x.yaml:1  its aliases stand for",
    );
    expect(() => parseYaml("a: &a [*a]")).toThrow("an alias refers to what it is part of");
    expect(json("a: &x {b: 1}\nc: [*x, *x]")).toBe('{"a":{"b":1},"c":[{"b":1},{"b":1}]}');
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

describe("documents of a manifest know their lines", () => {
  const lines = (text: string): string[] =>
    parseManifestYaml(new TextEncoder().encode(text)).map(
      ({ line, itemLines }) => `${line}${itemLines.length === 0 ? "" : `: ${itemLines.join(" ")}`}`,
    );

  test.each<[name: string, text: string, lines: string[]]>([
    ["one", "a: 1\n", ["1"]],
    ["comments and empty documents before it", "# x\n---\n---\n# y\n\na: 1\n---\nb: 1\n---\n", ["6", "8"]],
    ["Windows' line ends and a mark", "\uFEFFa: 1\r\n---\r\n\r\nb: 1\r\n", ["1", "4"]],
    ["JSON", '{"a": 1}\n---\n\n{\n"b": {"items": [1, 2]}}\n', ["1", "4"]],
    ["a List", "kind: List\nitems:\n- a: [1]\n  b: {c: 1}\n\n- a: 2\n", ["1: 3 6"]],
    ["a List in JSON", '{"items":[\n{"a":[1]},\n{"b":2}],\n"kind":"List"}', ["1: 2 3"]],
    ["anchors", "x: &x {items: [1]}\nitems:\n- &y {a: 1}\n- *y\n- <<: *x\n", ["1: 3 4 5"]],
    ["items that are no sequence, items elsewhere", "items: 1\nother: {items: [1]}\n", ["1"]],
    ["text", "text\n", ["1"]],
  ])("%s", (_name, text, expected) => {
    expect(lines(text)).toEqual(expected);
  });
});
