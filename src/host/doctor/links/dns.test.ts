import { expect, test } from "bun:test";
import type { DnsAnswer } from "../dns-query.ts";
import { diagnose } from "../diagnosis.ts";
import { examined, findingsOf, whatOf } from "../testdata/examined.ts";
import { type DnsAsked, type DnsFacts, judgeDns } from "./dns.ts";

const silent: DnsAnswer = { kind: "silent", why: "no answer within 2s" };
const answered: DnsAnswer = { kind: "answered" };
const asked = (answer: DnsAnswer, address = "10.96.0.10"): DnsAsked => ({
  name: "kubernetes.default.svc.cluster.local.",
  address,
  answer,
});
const facts = (changes: Partial<DnsFacts> = {}): DnsFacts => ({
  service: asked(answered),
  pods: [],
  troubles: [],
  seen: true,
  ...changes,
});
const pod = (answer: DnsAnswer) => ({ pod: "coredns-x", ...asked(answer, "10.244.0.5") });

test("names that resolve are well", () => {
  expect(judgeDns(facts(), examined())).toEqual({ state: "well" });
  expect(judgeDns(facts({ service: undefined }), examined({ workloads: false }))).toEqual({ state: "well" });
  expect(judgeDns(facts({ service: undefined, seen: false }), examined()).state).toBe("unseen");
  expect(judgeDns(facts(), examined({ disabled: new Set(["coredns"]) })).state).toBe("absent");
});

test.each([
  [
    "pods answer and the Service does not",
    { pods: [pod(answered)] },
    "does not lead to CoreDNS from this node",
    "kube-proxy",
  ],
  ["pods that are Ready are silent", { pods: [pod(silent)] }, "though its pods are Ready", "firewall"],
  ["no pod is Ready", {}, "CoreDNS does not answer this node", "get pods"],
])("%s", (_, changes, what, remedy) => {
  const [finding] = findingsOf(judgeDns(facts({ service: asked(silent), ...changes }), examined()));
  expect(finding?.what).toContain(what);
  expect(finding?.remedy).toContain(remedy);
  expect(finding?.evidence[0]).toBe(
    "kubernetes.default.svc.cluster.local. asked of the Service at 10.96.0.10, UDP port 53: no answer within 2s",
  );
});

test("an answer without the name is of CoreDNS itself", () => {
  const service = asked({ kind: "refused", why: "SERVFAIL" });
  expect(whatOf(judgeDns(facts({ service }), examined()))).toEqual([
    "CoreDNS answers, and does not know its own cluster: SERVFAIL",
  ]);
});

test("that nobody answers follows from a pod that does not run", () => {
  const troubles = [{ text: "system pod coredns-x has no image: ErrImagePull", about: "coredns" }];
  const verdict = judgeDns(facts({ service: asked(silent), troubles }), examined());
  const { findings, consequences } = diagnose([{ link: "DNS", verdict }]);
  expect(findings.map(({ about }) => about)).toEqual(["coredns"]);
  expect(consequences.map(({ finding: { about } }) => about)).toEqual(["asked"]);
});
