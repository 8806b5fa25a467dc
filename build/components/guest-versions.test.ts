import { expect, test } from "bun:test";
import { otherVersions } from "./guest-versions.ts";

const requires = (...modules: [string, string][]) => modules.map(([Path, Version]) => ({ Path, Version }));

test("what a guest asks for in another version than upstream has is named as it has to be written", () => {
  const upstream = {
    Require: requires(["a.test/x", "v1.0.0"], ["a.test/y", "v1.0.0"], ["a.test/gone", "v1.0.0"]),
  };
  const component = {
    Require: requires(["a.test/x", "v1.0.0"], ["a.test/y", "v1.2.0"], ["a.test/guest", "v3.0.0"]),
  };
  const linked = new Set(["a.test/x", "a.test/y"]);
  expect(otherVersions(component, upstream, linked)).toEqual(["a.test/y => a.test/y v1.0.0"]);
  const Replace = [{ Old: { Path: "a.test/y" }, New: { Path: "a.test/y", Version: "v1.0.0" } }];
  expect(otherVersions({ ...component, Replace }, upstream, linked)).toEqual([]);
  expect(otherVersions(component, upstream, new Set(["a.test/x"]))).toEqual([]);
});

test("modules that upstream has in its own folders do not count", () => {
  const upstream = {
    Require: requires(["k8s.io/api", "v0.0.0"]),
    Replace: [{ Old: { Path: "k8s.io/api" }, New: { Path: "./staging/src/k8s.io/api" } }],
  };
  expect(
    otherVersions({ Require: requires(["k8s.io/api", "v0.37.2"]) }, upstream, new Set(["k8s.io/api"])),
  ).toEqual([]);
});
