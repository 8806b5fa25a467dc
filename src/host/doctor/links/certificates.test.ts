import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueCa, issueLeaf } from "../../../pki/issue.ts";
import { doesExplain } from "../diagnosis.ts";
import type { Finding } from "../finding.ts";
import { examined, findingsOf, now, whatOf } from "../testdata/examined.ts";
import { type CertificateFacts, judgeCertificates, mismatchesIn } from "./certificates.ts";

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
  lostKeys: [],
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

test("certificates that belong to their key and authority are told from those that do not", async () => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-doctor-"));
  const put = (name: string, { cert, key }: { readonly cert: string; readonly key: string }): string => {
    writeFileSync(join(dir, `${name}.crt`), cert);
    writeFileSync(join(dir, `${name}.key`), key);
    return join(dir, `${name}.crt`);
  };
  try {
    const hourMs = 3_600_000;
    const [ca, old, other] = [
      await issueCa({ cn: "kubernetes-ca", expiresMs: hourMs }),
      await issueCa({ cn: "kubernetes-ca", expiresMs: hourMs }),
      await issueCa({ cn: "kubernetes-ca", expiresMs: hourMs }),
    ];
    const leafOf = (by: typeof ca) => issueLeaf({ ca: by, cn: "kubernetes", o: [], expiresMs: hourMs });
    const [server, former, foreign] = [await leafOf(ca), await leafOf(old), await leafOf(other)];
    // Its file holds an authority of before, too, and not its own certificate first.
    const files = [
      put("ca", { cert: `${old.cert}\n${ca.cert}`, key: ca.key }),
      put("server", server),
      put("former", former),
      put("foreign", foreign),
      put("admin", { cert: server.cert, key: former.key }),
    ];
    const found = await mismatchesIn([...files, join(dir, "missing.crt")]);
    expect(found.map(({ path, what }) => `${path.slice(dir.length + 1)} ${what}`)).toEqual([
      "foreign.crt was signed by another authority than the one that is here",
      "admin.crt is not the certificate of the key beside it",
    ]);
    expect(JSON.stringify(found)).not.toContain("PRIVATE KEY");
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test("the key of an authority that is gone is a fault, of a node that runs and of one that does not", () => {
  const lostKeys = [
    { kind: "key", path: `${pki}/ca.key`, text: "ca.key is missing", remedy: "put it back" } as const,
  ];
  for (const node of [examined(), examined({ k0s: { state: "gone" } })]) {
    const [finding] = findingsOf(judgeCertificates(facts({ lostKeys }), node));
    expect(finding).toMatchObject({ what: "ca.key is missing", remedy: "put it back" });
    // All that runs has its certificates.
    expect(finding?.explains).toEqual([]);
  }
});
