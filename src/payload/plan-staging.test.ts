import { expect, test } from "bun:test";
import type { PayloadPart } from "./index-schema.ts";
import { type ObservedPart, planStaging } from "./plan-staging.ts";

function part(name: string, sha256: string, extra: Partial<PayloadPart> = {}): PayloadPart {
  const files = [{ path: name, size: 1, mode: 0o755, sha256 }];
  return {
    name,
    kind: "component",
    version: "1",
    sha256,
    size: 1,
    offset: 0,
    stored: 1,
    crc32: 0,
    frames: [],
    files,
    links: [],
    ...extra,
  };
}

function observed(name: string, sha256: string, extra: Partial<ObservedPart> = {}): ObservedPart {
  return { name, sha256, dir: "/d", paths: [name], intact: true, ...extra };
}

const want = (wanted: PayloadPart, own = false) => ({ part: wanted, dir: "/d", own });

test("nothing to do for what is there and current", () => {
  expect(planStaging([want(part("a", "1"))], [observed("a", "1")], [part("a", "1")])).toEqual([]);
});

test.each([
  ["absent", []],
  ["of another version", [observed("a", "2")]],
  ["touched", [observed("a", "1", { intact: false })]],
])("unpacks a part that is %s", (_, seen) => {
  const steps = planStaging([want(part("a", "1"))], seen, [part("a", "1")]);
  expect(steps.map((step) => step.kind)).toEqual(["unpack"]);
});

test("a part with a loader must have been unpacked to this very directory", () => {
  const tools = part("a", "1", { loader: "lib/ld" });
  const steps = planStaging(
    [want(tools, true)],
    [observed("a", "1", { dir: "/elsewhere" })],
    [part("a", "1")],
  );
  expect(steps.map((step) => step.kind)).toEqual(["unpack"]);
});

test("removes what another version left, not what another role staged", () => {
  const seen = [observed("gone", "1"), observed("b", "1"), observed("a", "0", { paths: ["a", "a-helper"] })];
  const steps = planStaging([want(part("a", "1"))], seen, [part("a", "1"), part("b", "1")]);
  expect(steps.at(-1)).toEqual({ kind: "remove", dir: "/d", paths: ["gone", ".part-gone.json", "a-helper"] });
});

test("a program that has become a link of another part stays, wanted or not; its former part is forgotten", () => {
  const kubernetes = part("kubernetes", "2", { links: [{ path: "helm", target: "kubernetes" }] });
  const tunnel = part("konnectivity", "1");
  const seen = [observed("kubernetes", "1"), observed("helm", "1")];
  for (const wanted of [kubernetes, tunnel])
    expect(planStaging([want(wanted)], seen, [kubernetes, tunnel]).at(-1)).toEqual({
      kind: "remove",
      dir: "/d",
      paths: [".part-helm.json"],
    });
});
