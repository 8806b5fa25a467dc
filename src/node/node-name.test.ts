import { expect, test } from "bun:test";
import { nodeName } from "./node-name.ts";

test("upper case and blanks are forgiven", () => {
  expect(nodeName(" Web-1\n", undefined)).toBe("web-1");
});

test("the override wins", () => {
  expect(nodeName("web_1", "web-1.example.org")).toBe("web-1.example.org");
});

test("what is no DNS name is refused with a way out", () => {
  for (const bad of ["web_1", "-web", "web-", "", "a..b", "ü"])
    expect(() => nodeName(bad, undefined)).toThrow("not a DNS name");
});
