import { expect, test } from "bun:test";
import { earlierThanAsked, moduleFileSchema, otherVersions } from "./guest-versions.ts";

const requires = (...modules: [string, string][]) => modules.map(([Path, Version]) => ({ Path, Version }));
const file = (given: unknown) => moduleFileSchema.parse(given);

test("what a guest asks for in another version than upstream has is named as it has to be written", () => {
  const upstream = {
    Require: requires(["a.test/x", "v1.0.0"], ["a.test/y", "v1.0.0"], ["a.test/gone", "v1.0.0"]),
  };
  const component = {
    Require: requires(["a.test/x", "v1.0.0"], ["a.test/y", "v1.2.0"], ["a.test/guest", "v3.0.0"]),
  };
  const linked = new Set(["a.test/x", "a.test/y"]);
  expect(otherVersions(file(component), file(upstream), linked)).toEqual(["a.test/y => a.test/y v1.0.0"]);
  const Replace = [{ Old: { Path: "a.test/y" }, New: { Path: "a.test/y", Version: "v1.0.0" } }];
  expect(otherVersions(file({ ...component, Replace }), file(upstream), linked)).toEqual([]);
  expect(otherVersions(file(component), file(upstream), new Set(["a.test/x"]))).toEqual([]);
});

test("another module in the same version is another one", () => {
  const Require = requires(["a.test/x", "v1.0.0"]);
  const Replace = [{ Old: { Path: "a.test/x" }, New: { Path: "fork.test/x", Version: "v1.0.0" } }];
  const others = otherVersions(file({ Require, Replace }), file({ Require }), new Set(["a.test/x"]));
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
  const asks = (api: string) =>
    file({ Require: requires(["a.test/pinned", "v1.1.0"], ["k8s.io/api", api], ["a.test/own", "v2.0.0"]) });
  expect(earlierThanAsked(file(component), file(upstream), asks("v0.37.0"))).toEqual([]);
  expect(earlierThanAsked(file(component), file(upstream), asks("v0.38.0"))).toEqual(["k8s.io/api v0.38.0"]);
});

test("modules that upstream has in its own folders do not count", () => {
  const upstream = {
    Require: requires(["k8s.io/api", "v0.0.0"]),
    Replace: [{ Old: { Path: "k8s.io/api" }, New: { Path: "./staging/src/k8s.io/api" } }],
  };
  expect(
    otherVersions(
      file({ Require: requires(["k8s.io/api", "v0.37.2"]) }),
      file(upstream),
      new Set(["k8s.io/api"]),
    ),
  ).toEqual([]);
});
