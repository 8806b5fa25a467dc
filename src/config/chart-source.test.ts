import { expect, test } from "bun:test";
import { chartSource, isRegistryWithPath, repositoryOf } from "./chart-source.ts";

test.each([
  ["own/web", "repository own web"],
  ["own/team/web", "repository own team/web"],
  ["/srv/web.tgz", "file /srv/web.tgz"],
  ["./web.tgz", "file ./web.tgz"],
  ["oci://registry.example:5000/team/web", "oci oci://registry.example:5000/team/web registry.example:5000"],
  ["oci:///web", undefined],
  ["oci://u:p@registry.example/web", undefined],
  ["oci://u:p@registry.example/web@sha256:0a", undefined],
  ["oci://registry.example/web@sha256:0a", "oci oci://registry.example/web@sha256:0a registry.example"],
  ["web", undefined],
  ["own/", undefined],
  ["-own/web", undefined],
  ["https://charts.example/web", undefined],
])("%s", (name, expected) => {
  const source = chartSource(name);
  expect(source === undefined ? undefined : Object.values(source).join(" ")).toBe(expected);
});

test("which entry is meant", () => {
  const entries = [
    { name: "own", url: "https://charts.example" },
    { name: "registry", url: "oci://u:p@registry.example:5000" },
  ];
  const of = (name: string) => {
    const source = chartSource(name);
    return source === undefined ? undefined : repositoryOf(source, entries)?.name;
  };
  expect(of("own/web")).toBe("own");
  expect(of("other/web")).toBeUndefined();
  expect(of("oci://registry.example:5000/web")).toBe("registry");
  expect(of("oci://registry.example/web")).toBeUndefined();
  expect(of("/own/web.tgz")).toBeUndefined();
});

test("a registry has no path", () => {
  expect(["oci://a", "oci://a:1/", "https://a/b"].some(isRegistryWithPath)).toBe(false);
  expect(isRegistryWithPath("oci://a/b")).toBe(true);
});
