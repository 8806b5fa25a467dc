import { expect, test } from "bun:test";
import { type Chart, chartKind, chartNamespace, type ChartStatus } from "./chart.ts";
import { otherHolder } from "./release-holder.ts";

const release = { name: "web", namespace: "shop" };
const made: ChartStatus = { releaseName: "web", namespace: "shop" };
const operation = { release: "web", namespace: "shop", revision: 1 };

const chart = (name: string, second: number, status: ChartStatus = {}, more: object = {}): Chart => ({
  ...chartKind,
  metadata: {
    name,
    namespace: chartNamespace,
    uid: name,
    creationTimestamp: `2026-01-01T00:00:0${second}Z`,
    ...more,
  },
  spec: { chartName: "a/b", releaseName: "web", namespace: "shop" },
  status,
});
const leaving = { deletionTimestamp: "2026-01-02T00:00:00Z" };

test.each<[string, readonly Chart[], readonly string[], string]>([
  ["the older one has it", [chart("a", 2), chart("b", 1)], [], "b"],
  ["of two of the same second, the first by name", [chart("b", 1), chart("a", 1)], [], "a"],
  ["who has made it, keeps it", [chart("a", 1), chart("b", 2, made)], [], "b"],
  ["and who has begun to", [chart("a", 1), chart("b", 2, { operation })], [], "b"],
  ["also where that does not show yet", [chart("a", 1), chart("b", 1)], ["b"], "b"],
  ["one that leaves has it as long as it is there", [chart("a", 1), chart("b", 2, made, leaving)], [], "b"],
  [
    "one that leaves and has made nothing wants nothing",
    [chart("a", 2), chart("b", 1, {}, leaving)],
    [],
    "a",
  ],
])("%s", (_, all, begun, holder) => {
  const of = (one: Chart) =>
    otherHolder(one, release, all, ({ metadata }) => begun.includes(metadata.name ?? ""))?.metadata.name;
  const [one, other] = all.toSorted(({ metadata }) => (metadata.name === holder ? -1 : 1));
  expect([one && of(one), other && of(other)]).toEqual([undefined, holder]);
});

test("another release is another thing", () => {
  const other = { ...chart("b", 1), spec: { releaseName: "web", namespace: "elsewhere" } };
  expect(otherHolder(chart("a", 2), release, [other], () => true)).toBeUndefined();
});
