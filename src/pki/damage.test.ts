import { afterEach, beforeEach, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { UserError } from "../std/errors.ts";
import { day, later, pkiFixture, year } from "./testdata/pki-fixture.ts";
import type { PkiFixture } from "./testdata/pki-fixture.ts";

let pki: PkiFixture;

beforeEach(() => {
  pki = pkiFixture();
});

afterEach(() => pki.remove());

test("without the key of the authority everything is kept, with a warning; what is missing is an error", async () => {
  await pki.ensure();
  const server = pki.read("server.crt");
  rmSync(pki.file("ca.key"));
  await pki.ensure(later(0.9 * year));
  expect(pki.read("server.crt")).toBe(server);
  expect(pki.warnings[0]).toContain("The key of this authority is missing");
  rmSync(pki.file("admin.crt"));
  expect(await failure(pki.ensure(later(0.9 * year)))).toMatchObject({ code: "ca-key-missing" });
});

test("lost public keys come back, lost private keys do not", async () => {
  await pki.ensure();
  const publicKey = pki.read("sa.pub");
  rmSync(pki.file("sa.pub"));
  await pki.ensure();
  expect(pki.read("sa.pub")).toBe(publicKey);
  rmSync(pki.file("sa.key"));
  expect(await failure(pki.ensure())).toMatchObject({ code: "key-missing" });
  copyFileSync(pki.file("admin.key"), pki.file("sa.key"));
  expect(await failure(pki.ensure())).toMatchObject({ code: "key-pair-mismatch" });
});

test("what only a person can mend stops everything, names the file and changes nothing", async () => {
  const damages: [code: string, name: string, damage: () => void][] = [
    ["bad-key-file", "ca.key", () => writeFileSync(pki.file("ca.key"), "garbage")],
    ["bad-key-file", "server.key", () => writeFileSync(pki.file("server.key"), "")],
    ["bad-key-file", "sa.key", () => writeFileSync(pki.file("sa.key"), pki.read("sa.key").slice(0, 80))],
    ["unreadable-file", "front-proxy-ca.key", () => replaceByDirectory("front-proxy-ca.key")],
    ["bad-certificate-file", "ca.crt", () => writeFileSync(pki.file("ca.crt"), "garbage")],
    ["ca-certificate-missing", "ca.crt", () => rmSync(pki.file("ca.crt"))],
    ["ca-key-mismatch", "ca.key", () => copyFileSync(pki.file("front-proxy-ca.key"), pki.file("ca.key"))],
    [
      "not-a-ca",
      "ca.crt",
      () => ["crt", "key"].forEach((kind) => copyFileSync(pki.file(`admin.${kind}`), pki.file(`ca.${kind}`))),
    ],
  ];
  for (const [code, name, damage] of damages) {
    rmSync(pki.dir, { recursive: true });
    await pki.ensure();
    damage();
    rmSync(pki.file("admin.conf"));
    const err = await failure(pki.ensure());
    expect(err).toMatchObject({ code });
    expect(err.message).toContain(pki.file(name));
    expect(pki.exists("admin.conf")).toBe(false);
  }
});

test("a clock that runs behind or an authority that has ended is said", async () => {
  await pki.ensure();
  const behind = await failure(pki.ensure(later(-day)));
  expect(behind).toMatchObject({ code: "clock-before-certificate" });
  expect(behind.message).toContain("The clock of this host says 2026-11-22T12:00:00Z");
  expect(behind.message).toContain(pki.file("ca.crt"));
  expect(await failure(pki.ensure(later(11 * year)))).toMatchObject({ code: "ca-expired" });
});

function replaceByDirectory(name: string): void {
  rmSync(pki.file(name));
  mkdirSync(pki.file(name));
}

async function failure(work: Promise<unknown>): Promise<UserError> {
  const err: unknown = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (err instanceof UserError) return err;
  throw new Error("no UserError", { cause: err });
}
