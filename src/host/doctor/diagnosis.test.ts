import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { diagnose, doesExplain, type LinkReport } from "./diagnosis.ts";
import { all, type Explained, type Finding, type LinkName, linkNames, verdictOf } from "./finding.ts";

const finding = (link: LinkName, explains: readonly Explained[] = [], about?: string): Finding => ({
  link,
  what: `${link} is broken`,
  evidence: [],
  remedy: "repair it",
  explains,
  ...(about === undefined ? {} : { about }),
});
const report = (link: LinkName, ...findings: readonly Finding[]): LinkReport => ({
  link,
  verdict: verdictOf(findings),
});

test("nothing is wrong where every link is well", () => {
  const { findings, links } = diagnose(linkNames.map((link) => report(link)));
  expect(findings).toEqual([]);
  expect(links.map(({ state }) => state)).toEqual(linkNames.map(() => "well"));
});

test("the first broken link is named, and what follows from it is told as a consequence", () => {
  const etcd = finding("processes", [...all("datastore", "API")], "etcd");
  const api = finding("API", all("node", "DNS"));
  const dns = finding("DNS");
  const { findings, consequences, links } = diagnose([
    report("DNS", dns),
    report("API", api),
    report("processes", etcd),
  ]);
  expect(findings).toEqual([etcd]);
  expect(consequences).toEqual([
    { finding: api, cause: etcd },
    { finding: dns, cause: etcd },
  ]);
  expect(links.map(({ link, state }) => `${link} ${state}`)).toEqual([
    "processes broken",
    "API follows",
    "DNS follows",
  ]);
});

test("a process that ended because its port is taken follows from the port, though it comes before it", () => {
  const ended = finding("processes", all("node"), "kubelet");
  const other = finding("processes", [], "kube-scheduler");
  const port = finding("ports", [{ link: "processes", about: "kubelet" }]);
  const { findings, consequences, links } = diagnose([
    report("processes", ended, other),
    report("ports", port),
  ]);
  expect(findings).toEqual([other, port]);
  expect(consequences.map(({ finding: { about } }) => about)).toEqual(["kubelet"]);
  expect(links[0]).toEqual({ link: "processes", state: "broken" });
});

test("of two that explain each other the first in the chain is the cause", () => {
  const node = finding("node", all("CNI"));
  const cni = finding("CNI", all("node"));
  expect(diagnose([report("CNI", cni), report("node", node)]).findings).toEqual([node]);
});

test("a law: every finding is told once, and each consequence is explained by something that was found", () => {
  const links = fc.constantFrom(...linkNames);
  const anyFinding = fc
    .tuple(links, fc.array(links, { maxLength: 4 }))
    .map(([link, explained]) => finding(link, all(...explained)));
  fc.assert(
    fc.property(fc.array(anyFinding, { maxLength: 8 }), (found) => {
      const reports = linkNames.map((link) => report(link, ...found.filter((one) => one.link === link)));
      const { findings, consequences } = diagnose(reports);
      expect(findings.length + consequences.length).toBe(found.length);
      expect(findings.length > 0).toBe(found.length > 0);
      for (const { finding: one, cause } of consequences) {
        expect(findings).toContain(cause);
        expect(found.some((other) => doesExplain(other, one))).toBe(true);
      }
    }),
  );
});
