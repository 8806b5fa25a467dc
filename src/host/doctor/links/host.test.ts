import { expect, test } from "bun:test";
import { doesExplain } from "../diagnosis.ts";
import { examined, findingsOf } from "../testdata/examined.ts";
import { judgeHost } from "./host.ts";

const room = { path: "/var/lib/k0s", freeBytes: 10 ** 10, freeInodes: 10 ** 6 };

test("a host with room and the right time is well", () => {
  expect(judgeHost({ closed: [], rooms: [room], clockAheadMs: 1_000 }, examined())).toEqual({
    state: "well",
  });
});

test("a full disk comes with what is free, and explains all that cannot be written", () => {
  const [finding] = findingsOf(
    judgeHost({ closed: [], rooms: [{ ...room, freeBytes: 0 }], clockAheadMs: undefined }, examined()),
  );
  expect(finding?.what).toBe("the disk of /var/lib/k0s is full: 0 B are free");
  expect(finding?.evidence).toEqual(["statfs /var/lib/k0s: 0 bytes free, 1000000 more files"]);
  const process = {
    link: "processes" as const,
    about: "kine",
    what: "",
    evidence: [],
    remedy: "",
    explains: [],
  };
  expect(doesExplain(finding!, process)).toBe(true);
  expect(doesExplain(finding!, { ...process, link: "ports" })).toBe(false);
});

test("a clock that is off", () => {
  const [finding] = findingsOf(judgeHost({ closed: [], rooms: [room], clockAheadMs: -90_000 }, examined()));
  expect(finding?.what).toStartWith("the clock of this host is 90 s behind that of the API server");
  expect(finding?.remedy).toBe("set it right, e.g. with NTP");
});

test("a data directory that components cannot enter explains them and the datastore, and comes with its chmod", () => {
  const closed = [
    { kind: "directory", path: "/d", text: "/d is closed to etcd", remedy: "chmod o+x /d" } as const,
  ];
  const [finding] = findingsOf(judgeHost({ closed, rooms: [room], clockAheadMs: undefined }, examined()));
  expect(finding).toMatchObject({ link: "host", what: "/d is closed to etcd", remedy: "chmod o+x /d" });
  const other = { about: "etcd", what: "", evidence: [], remedy: "", explains: [] };
  expect(doesExplain(finding!, { ...other, link: "processes" })).toBe(true);
  expect(doesExplain(finding!, { ...other, link: "datastore", about: "answers" })).toBe(true);
  expect(doesExplain(finding!, { ...other, link: "certificates" })).toBe(false);
});
