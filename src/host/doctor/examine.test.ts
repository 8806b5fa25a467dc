import { expect, test } from "bun:test";
import { examineLinks, withSilentProblems } from "./examine.ts";
import { link } from "./link.ts";
import { answering, examined, whatOf } from "./testdata/examined.ts";

const shared = undefined as never;
const never = new AbortController().signal;
const well = { state: "well" } as const;

test("a link that hangs or fails is broken by that alone, and the others are looked at", async () => {
  const links = [
    link({ name: "ports", look: () => new Promise<never>(() => undefined), judge: () => well }),
    link({ name: "node", look: () => Promise.reject(new Error("no such thing")), judge: () => well }),
    link({ name: "DNS", look: async () => 1, judge: () => well }),
  ];
  const reports = await examineLinks(links, examined(), shared, never, 50);
  expect(reports.map(({ verdict }) => whatOf(verdict)[0] ?? "")).toEqual([
    "ports cannot be looked at: it takes longer than 50ms",
    "node cannot be looked at: no such thing",
    "",
  ]);
});

test("what the running k0s holds against itself is told when no link has found it", () => {
  const node = examined({ k0s: answering({ Healthy: false, Problems: ["the routes are gone"] }) });
  const reports = [{ link: "processes" as const, verdict: well }];
  const [first] = withSilentProblems(reports, node);
  expect(whatOf(first!.verdict)).toEqual(["the routes are gone"]);
  expect(withSilentProblems(reports, examined())).toEqual(reports);
});
