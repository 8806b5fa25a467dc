import { expect, test } from "bun:test";
import { nodeName } from "./name.ts";

test("upper case and blanks are forgiven", () => {
  expect(nodeName(" Web-1\n", undefined)).toBe("web-1");
});

test("the override wins", () => {
  expect(nodeName("web_1", "web-1.example.org")).toBe("web-1.example.org");
});

test("a name that does not fit into the label of a node is refused", () => {
  expect(nodeName("a".repeat(63), undefined)).toHaveLength(63);
  for (const bad of ["a".repeat(64), `${"a".repeat(40)}.${"b".repeat(40)}.example`])
    expect(() => nodeName("web-1", bad)).toThrow("is longer than 63 characters");
});

test("what is no DNS name is refused with a way out", () => {
  for (const bad of ["web_1", "-web", "web-", "", "a..b", "ü"])
    expect(() => nodeName(bad, undefined)).toThrow("not a DNS name");
});
