import { expect, test } from "bun:test";
import { earlierThanAsked, otherVersions } from "./guest-versions.ts";

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

test("another module in the same version is another one", () => {
  const Require = requires(["a.test/x", "v1.0.0"]);
  const Replace = [{ Old: { Path: "a.test/x" }, New: { Path: "fork.test/x", Version: "v1.0.0" } }];
  const others = otherVersions({ Require, Replace }, { Require }, new Set(["a.test/x"]));
  expect(others).toEqual(["a.test/x => a.test/x v1.0.0"]);
});

test("what a guest needs later than it would get is named, unless upstream pins it", () => {
  const upstream = {
    Require: requires(["a.test/pinned", "v1.0.0"], ["k8s.io/api", "v0.0.0"]),
    Replace: [{ Old: { Path: "k8s.io/api" }, New: { Path: "./staging/src/k8s.io/api" } }],
  };
  const component = {
    Require: requires(["a.test/pinned", "v1.1.0"], ["k8s.io/api", "v0.38.0"], ["a.test/own", "v2.0.0"]),
    Replace: [
      { Old: { Path: "a.test/pinned" }, New: { Path: "a.test/pinned", Version: "v1.0.0" } },
      { Old: { Path: "k8s.io/api" }, New: { Path: "k8s.io/api", Version: "v0.37.2" } },
    ],
  };
  const asks = (api: string) => ({
    Require: requires(["a.test/pinned", "v1.1.0"], ["k8s.io/api", api], ["a.test/own", "v2.0.0"]),
  });
  expect(earlierThanAsked(component, upstream, asks("v0.37.0"))).toEqual([]);
  expect(earlierThanAsked(component, upstream, asks("v0.38.0"))).toEqual(["k8s.io/api v0.38.0"]);
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
