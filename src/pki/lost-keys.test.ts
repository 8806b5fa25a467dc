import { afterEach, beforeEach, expect, test } from "bun:test";
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { issueCa } from "./issue.ts";
import { lostKeys } from "./lost-keys.ts";
import { type PkiFixture, pkiFixture } from "./testdata/pki-fixture.ts";

let pki: PkiFixture;
beforeEach(async () => {
  pki = pkiFixture();
  await pki.ensure();
});
afterEach(() => pki.remove());

const lost = () =>
  lostKeys(
    ["ca.crt", "front-proxy-ca.crt", "admin.crt", "bundle.crt", "none/ca.crt"].map((name) => pki.file(name)),
  );

test("a key that is gone is named; no other file needs one", async () => {
  copyFileSync(pki.file("ca.crt"), pki.file("bundle.crt"));
  rmSync(pki.file("admin.key"));
  expect(await lost()).toEqual([]);
  rmSync(pki.file("ca.key"));
  expect(await lost()).toEqual([pki.file("ca.key")]);
  writeFileSync(pki.file("ca.crt"), "no certificate");
  expect(await lost()).toEqual([]);
});

test("the key of somebody else's authority may be elsewhere", async () => {
  rmSync(pki.file("ca.key"));
  writeFileSync(pki.file("ca.crt"), (await issueCa({ cn: "of-a-company", expiresMs: 3_600_000 })).cert);
  expect(await lost()).toEqual([]);
});
