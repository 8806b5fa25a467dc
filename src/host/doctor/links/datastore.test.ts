import { expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { doesExplain } from "../diagnosis.ts";
import type { Finding } from "../finding.ts";
import { examined, findingsOf } from "../testdata/examined.ts";
import { alarmTroubles, closedCertificate, type DatastoreTrouble, judgeDatastore } from "./datastore.ts";

const trouble = (kind: DatastoreTrouble["kind"]): DatastoreTrouble => ({
  what: "etcd is ill",
  evidence: ["it says so"],
  remedy: "help it",
  kind,
});
const finding = (kind: DatastoreTrouble["kind"], dead = false): Finding =>
  findingsOf(
    judgeDatastore(
      { component: "etcd", troubles: [trouble(kind)] },
      examined(dead ? { k0s: { state: "gone" } } : {}),
    ),
  )[0]!;
const of = (link: Finding["link"], about?: string): Finding => ({
  link,
  what: "",
  evidence: [],
  remedy: "",
  explains: [],
  ...(about === undefined ? {} : { about }),
});

test("a worker has none; a controller whose configuration cannot be read does not tell", () => {
  const none = { component: undefined, troubles: [] };
  expect(judgeDatastore(none, examined({ role: "worker" })).state).toBe("absent");
  expect(judgeDatastore(none, examined()).state).toBe("unseen");
  expect(judgeDatastore({ component: "kine", troubles: [] }, examined()).state).toBe("well");
});

test("what is wrong with its files explains why its process ends, and why k0s does not run", () => {
  expect(doesExplain(finding("files"), of("processes", "etcd"))).toBe(true);
  expect(doesExplain(finding("files"), of("API"))).toBe(true);
  expect(doesExplain(finding("files", true), of("processes", "k0s"))).toBe(true);
  expect(doesExplain(finding("answers", true), of("processes", "k0s"))).toBe(false);
});

test("that it does not answer explains the API, and its process explains that", () => {
  const silent = finding("answers");
  expect(doesExplain(silent, of("API"))).toBe(true);
  expect(doesExplain(silent, of("processes", "etcd"))).toBe(false);
  expect(silent.about).toBe("answers");
});

test("a member that is away while the others go on explains nothing", () => {
  expect(finding("partly").explains).toEqual([]);
});

test("an alarm comes with the size and the quota", () => {
  const full = { dbSize: 2 ** 31, dbSizeQuota: 2 ** 31 };
  const [found] = alarmTroubles(full, [{ memberId: "a1", alarm: "NOSPACE" }], []);
  expect(found?.what).toContain("alarm NOSPACE");
  expect(found?.evidence).toEqual(["member a1: NOSPACE; its database has 2.0 GiB of 2.0 GiB"]);
});

test("an alarm of damaged data names its member in the command that takes it out", () => {
  const members = [1, 2, 3].map((number) => ({
    id: `a${number}`,
    name: `c${number}`,
    peerUrls: [`https://10.0.0.${number}:2380`],
    isLearner: false,
  }));
  const sizes = { dbSize: 1, dbSizeQuota: 2 };
  const [found] = alarmTroubles(sizes, [{ memberId: "a2", alarm: "CORRUPT" }], members);
  expect(found?.remedy).toContain("`k0s etcd leave --peer-address=10.0.0.2`");
});

test("an etcd that cannot read its certificate is told so, and not that it speaks no TLS", async () => {
  const etcdPkiDir = mkdtempSync(join(tmpdir(), "k0s-doctor-etcd-"));
  const user = { uid: 12_345, gid: 12_345 };
  try {
    chmodSync(etcdPkiDir, 0o755);
    expect(await closedCertificate({ etcdPkiDir }, user)).toBeUndefined();
    writeFileSync(join(etcdPkiDir, "server.crt"), "", { mode: 0o644 });
    expect(await closedCertificate({ etcdPkiDir }, user)).toBeUndefined();
    chmodSync(etcdPkiDir, 0o700);
    expect(await closedCertificate({ etcdPkiDir }, user)).toMatchObject({
      what: "etcd cannot read its certificate",
      evidence: [`${etcdPkiDir} is closed to user 12345`],
    });
  } finally {
    rmSync(etcdPkiDir, { recursive: true });
  }
});
