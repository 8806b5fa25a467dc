import { expect, test } from "bun:test";
import { join } from "node:path";
import { cisChecks, cisSections } from "./checks.ts";
import type { CisFacts } from "./facts.ts";
import { fieldOf, holds, type Look, matches } from "./look.ts";
import { withCisTable } from "./page.ts";
import { absent, atLeast, given, has, hasNot, is, notOr, strongCiphers } from "./want.ts";

test("every check of the benchmark is there once, in its order", () => {
  const wanted = cisSections.flatMap(([section, count]) =>
    Array.from({ length: count }, (_, index) => `${section}.${index + 1}`),
  );
  expect(cisChecks.map(({ id }) => id)).toEqual(wanted);
});

test("what nobody looks at is open, and says why", () => {
  for (const { id, looks, open, partly } of cisChecks) {
    if (looks.length === 0 || partly) expect([id, open?.length ?? 0]).not.toEqual([id, 0]);
  }
});

test("the table of docs/hardening.md is that of the checks", async () => {
  const file = Bun.file(join(import.meta.dir, "../../../docs/hardening.md"));
  const made = withCisTable(await file.text());
  if (process.env["UPDATE_GOLDEN"] !== undefined) await Bun.write(file, made);
  expect(made).toBe(await file.text());
});

test("what a value has to be", () => {
  const cases = [
    [given, "a", undefined],
    [absent, undefined, ""],
    [is("a"), "a", "b"],
    [notOr("true"), undefined, "true"],
    [has("Node"), "Node,RBAC", "NodeRestriction"],
    [hasNot("AlwaysAdmit"), "a,b", "a,AlwaysAdmit"],
    [atLeast(30), "30", "29"],
    [atLeast(0), "0", undefined],
    [strongCiphers, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA"],
  ] as const;
  for (const [want, good, bad] of cases)
    expect([want.text, want.holds(good), want.holds(bad)]).toEqual([want.text, true, false]);
});

const facts: CisFacts = {
  arguments: new Map([["etcd", new Map([["auto-tls", "false"]])]]),
  kubelet: { authentication: { anonymous: { enabled: false } }, tlsCipherSuites: ["a", "b"] },
  kubeProxy: {},
  files: [
    { path: "/pki/a.key", mode: 0o640, owner: "root:root" },
    { path: "/pki/etcd/b.key", mode: 0o600, owner: "etcd:root" },
  ],
  texts: new Map([["/f", "level: Metadata\n"]]),
  refusedPods: new Set(["hostPID"]),
  answers: new Map([["q", "no"]]),
};

test("each way to look says no, too", () => {
  const pairs: readonly (readonly [Look, Look])[] = [
    [
      { by: "argument", of: "etcd", flag: "auto-tls", want: notOr("true") },
      { by: "argument", of: "kubelet", flag: "auto-tls", want: given },
    ],
    [
      { by: "kubelet", field: "authentication.anonymous.enabled", want: is("false") },
      { by: "kubelet", field: "authentication.none", want: given },
    ],
    [
      { by: "files", files: "/pki/**/*.key", most: 0o640 },
      { by: "files", files: "/pki/**/*.key", most: 0o600 },
    ],
    [
      { by: "files", files: "/pki/*.key", owner: "root:root" },
      { by: "files", files: "/pki/**/*.key", owner: "root:root" },
    ],
    // What is not there proves nothing.
    [
      { by: "no file", path: "/none" },
      { by: "files", files: "/none" },
    ],
    [
      { by: "text", file: "/f", pattern: /Metadata/, says: "" },
      { by: "text", file: "/g", pattern: /Metadata/, says: "" },
    ],
    [
      { by: "pod", pod: "hostPID" },
      { by: "pod", pod: "hostIPC" },
    ],
    [
      { by: "question", question: "q", want: is("no") },
      { by: "question", question: "r", want: is("no") },
    ],
  ];
  for (const [good, bad] of pairs)
    expect([good.by, holds([good], facts), holds([good, bad], facts)]).toEqual([good.by, true, false]);
  expect(fieldOf(facts.kubelet, "tlsCipherSuites")).toBe("a,b");
  expect(matches("/pki/etcd/b.key", "/pki/*.key")).toBe(false);
});
