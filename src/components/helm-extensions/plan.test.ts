import { describe, expect, test } from "bun:test";
import {
  type Chart,
  chartFinalizer,
  chartKind,
  type ChartSpec,
  type ChartStatus,
  specHashOf,
  valuesHashOf,
} from "./chart.ts";
import { hasWork, nextStep, releaseInQuestion } from "./plan.ts";
import type { Revision } from "./release.ts";

const spec: ChartSpec = {
  chartName: "a/b",
  releaseName: "r",
  namespace: "n",
  values: "x: 1",
  version: "1.x",
};

function chart(
  status?: ChartStatus,
  more: { spec?: ChartSpec; leaving?: boolean; finalizers?: string[] } = {},
): Chart {
  const { leaving = false, finalizers = [chartFinalizer] } = more;
  return {
    ...chartKind,
    metadata: {
      name: "c",
      namespace: "kube-system",
      finalizers,
      ...(leaving ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
    },
    spec: { ...spec, ...more.spec },
    ...(status === undefined ? {} : { status }),
  };
}

const made: ChartStatus = {
  releaseName: "r",
  namespace: "n",
  version: "1.2.3",
  revision: 1,
  specHash: specHashOf(chart()),
  error: "",
};
const now = 1_000_000_000;
const written = (secondsAgo: number, ...statuses: string[]): Revision[] =>
  statuses.map((status, index) => ({ revision: index + 1, status, writtenAt: now / 1000 - secondsAgo }));
const revisions = (...statuses: string[]): Revision[] => written(0, ...statuses);
const step = (one: Chart, list: Revision[] = []): string => {
  const { step, ...more } = nextStep(one, list, now);
  return [step, ...Object.values(more)].join(" ");
};
const began = (revision: number, release = "r"): ChartStatus => ({
  operation: { release, namespace: "n", revision },
});

describe("a Chart without a release", () => {
  test.each([
    [[], "install false"],
    [["uninstalled"], "install true"],
    [["failed"], "uninstall unfinished"],
    // Somebody has installed it by hand: it is taken over.
    [["deployed"], "upgrade 1"],
    [["superseded", "deployed"], "upgrade 2"],
    [["deployed", "failed"], "upgrade 2"],
  ])("%p", (statuses, expected) => {
    expect(step(chart(), revisions(...statuses))).toBe(expected);
    expect(hasWork(chart())).toBe(true);
  });
});

test("a release that is as it was asked for costs nothing", () => {
  expect(hasWork(chart(made))).toBe(false);
  expect(step(chart(made), revisions("deployed"))).toBe("nothing");
  // Uninstalled by hand: nobody looks until something changes.
  expect(step(chart(made))).toBe("nothing");
});

test.each<[string, ChartSpec]>([
  ["values", { values: "x: 2" }],
  ["version", { version: "2.x" }],
  ["chart", { chartName: "a/c" }],
])("a change of its %s is an upgrade", (_, changed) => {
  expect(hasWork(chart(made, { spec: changed }))).toBe(true);
  expect(step(chart(made, { spec: changed }), revisions("deployed"))).toBe("upgrade 1");
});

test.each<[string, ChartSpec]>([
  ["timeout", { timeout: "1m" }],
  ["order", { order: 3 }],
  ["repository", { repository: { url: "https://b" } }],
])("a change of its %s is none", (_, changed) => expect(hasWork(chart(made, { spec: changed }))).toBe(false));

test("what failed is tried again", () => {
  expect(step(chart({ ...made, error: "no" }), revisions("deployed", "failed"))).toBe("upgrade 2");
});

test("another namespace or name: the old release goes first", () => {
  const moved = chart(made, { spec: { namespace: "other" } });
  expect(releaseInQuestion(moved)).toEqual({ name: "r", namespace: "n" });
  expect(step(moved, revisions("deployed"))).toBe("uninstall moved");
  expect(step(moved)).toBe("forget");
  const renamed = chart(made, { spec: { releaseName: "s" } });
  expect(releaseInQuestion(renamed)).toEqual({ name: "r", namespace: "n" });
});

describe("left in the middle", () => {
  test("by k0s: an installation begins again, an upgrade goes back to what worked", () => {
    expect(step(chart(began(1)), revisions("pending-install"))).toBe("uninstall unfinished");
    const changed = chart({ ...made, ...began(2) }, { spec: { values: "x: 2" } });
    expect(step(changed, revisions("deployed", "pending-upgrade"))).toBe("heal 1 2");
    expect(step(changed, revisions("superseded", "deployed", "pending-rollback"))).toBe("heal 2 3");
    expect(step(changed, revisions("superseded", "pending-upgrade"))).toBe("heal 1 2");
    expect(step(changed, revisions("failed", "pending-upgrade"))).toBe("uninstall unfinished");
    expect(step(chart({ ...made, ...began(0) }), revisions("uninstalling"))).toBe("uninstall unfinished");
  });

  test("by k0s, and what it was to become is taken back", () => {
    const back = chart({ ...made, ...began(2) });
    expect(hasWork(back)).toBe(true);
    expect(step(back, revisions("deployed", "pending-upgrade"))).toBe("heal 1 2");
    expect(step(back, revisions("deployed"))).toBe("nothing");
  });

  test("before helm had begun", () => {
    const changed = chart({ ...made, ...began(2) }, { spec: { values: "x: 2" } });
    expect(step(changed, revisions("deployed"))).toBe("upgrade 1");
    expect(step(chart(began(1)))).toBe("install false");
  });

  test("by somebody else: only when that cannot be at work any more", () => {
    const changed = chart(made, { spec: { values: "x: 2", timeout: "2m" } });
    const pending = ["deployed", "pending-upgrade"];
    expect(step(changed, written(0, ...pending))).toBe("wait 180000 2");
    expect(step(changed, written(170, ...pending))).toBe("wait 10000 2");
    expect(step(changed, written(181, ...pending))).toBe("heal 1 2");
    // Nothing is asked of it.
    expect(step(chart(made), written(1_000, ...pending))).toBe("nothing");
    // Begun by k0s for another release.
    expect(step(chart(began(1, "s"), { spec: { releaseName: "s" } }), written(0, "pending-install"))).toBe(
      "uninstall unfinished",
    );
  });
});

describe("a Chart that is deleted", () => {
  const leaving = { leaving: true };
  test("its release goes, then the object", () => {
    expect(step(chart(made, leaving), revisions("deployed"))).toBe("uninstall removed");
    expect(step(chart(made, leaving), revisions("pending-upgrade"))).toBe("uninstall removed");
    expect(step(chart(made, leaving))).toBe("let-go");
    expect(step(chart(undefined, leaving))).toBe("let-go");
  });
  test("one that was only begun goes, too; one that k0s did not make stays", () => {
    expect(releaseInQuestion(chart(began(1), leaving))).toEqual({ name: "r", namespace: "n" });
    expect(releaseInQuestion(chart(undefined, leaving))).toBeUndefined();
  });
  test("without the finalizer nothing is done", () => {
    const free = chart(made, { ...leaving, finalizers: ["other"] });
    expect(hasWork(free)).toBe(false);
    expect(step(free, revisions("deployed"))).toBe("nothing");
  });
});

test("what upstream k0s has left is taken as it is", () => {
  const { specHash: _, ...theirs } = { ...made, valuesHash: valuesHashOf(chart()) };
  expect(hasWork(chart(theirs, { spec: { version: "1.2.3" } }))).toBe(false);
  expect(hasWork(chart(theirs, { spec: { version: "" } }))).toBe(false);
  expect(hasWork(chart(theirs, { spec: { version: "1.2.4" } }))).toBe(true);
  expect(hasWork(chart(theirs, { spec: { version: "", values: "x: 2" } }))).toBe(true);
});
