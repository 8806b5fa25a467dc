import { expect, test } from "bun:test";
import { doesExplain } from "../diagnosis.ts";
import type { Finding } from "../finding.ts";
import { examined, findingsOf, now, whatOf } from "../testdata/examined.ts";
import { type CertificateFacts, judgeCertificates } from "./certificates.ts";

const dayMs = 86_400_000;
const at = (days: number): Date => new Date(now.getTime() + days * dayMs);
const pki = "/var/lib/k0s/pki";
const certificate = (name: string, endsInDays: number, isAuthority = false) => ({
  path: `${pki}/${name}`,
  notBefore: at(-100),
  notAfter: at(endsInDays),
  isAuthority,
  ofKubelet: name.startsWith("kubelet"),
});
const facts = (changes: Partial<CertificateFacts>): CertificateFacts => ({
  certificates: [],
  damaged: [],
  missing: [],
  mismatches: [],
  ...changes,
});
const down = (about: string): Finding => ({
  link: "processes",
  about,
  what: "",
  evidence: [],
  remedy: "",
  explains: [],
});

test("certificates that hold are well", () => {
  expect(judgeCertificates(facts({ certificates: [certificate("server.crt", 100)] }), examined())).toEqual({
    state: "well",
  });
});

test("one that is over, with its dates and the clock beside them", () => {
  const verdict = judgeCertificates(facts({ certificates: [certificate("server.crt", -1)] }), examined());
  const [finding] = findingsOf(verdict);
  expect(finding?.what).toStartWith(`the certificate ${pki}/server.crt ended on `);
  expect(finding?.evidence).toContain("it is 2026-11-26T10:00:00.000Z here");
  expect(doesExplain(finding!, down("kube-apiserver"))).toBe(true);
});

test("of a k0s that does not run only what a start does not renew is a fault", () => {
  const gone = examined({ k0s: { state: "gone" } });
  const found = (name: string, isAuthority: boolean): readonly string[] =>
    whatOf(judgeCertificates(facts({ certificates: [certificate(name, -1, isAuthority)] }), gone));
  expect(found("server.crt", false)).toEqual([]);
  expect(found("ca.crt", true)).toHaveLength(1);
  expect(found("kubelet-client-current.pem", false)).toHaveLength(1);
});

test.each([
  [
    "damaged",
    { damaged: [`${pki}/ccm.crt`] },
    "holds no certificate that can be read",
    "kube-controller-manager",
  ],
  ["missing", { missing: [`${pki}/etcd/server.crt`] }, "is missing", "etcd"],
  [
    "of another key",
    {
      mismatches: [
        { path: `${pki}/scheduler.crt`, what: "is not the certificate of the key beside it", evidence: "" },
      ],
    },
    "is not the certificate of the key beside it",
    "kube-scheduler",
  ],
])("one that is %s keeps its reader from working", (_, changes, what, reader) => {
  const [finding] = findingsOf(judgeCertificates(facts(changes), examined()));
  expect(finding?.what).toEndWith(what);
  expect(doesExplain(finding!, down(reader))).toBe(true);
  expect(doesExplain(finding!, down("kine"))).toBe(false);
});
