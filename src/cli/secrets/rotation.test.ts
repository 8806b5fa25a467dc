import { expect, test } from "bun:test";
import type { EncryptionReport } from "./report.ts";
import { beginningOf, isDone } from "./rotation.ts";
import { encryptionText, phaseText } from "./text.ts";

const stable: EncryptionReport = {
  encrypted: true,
  key: "key-1",
  phase: "stable",
  revision: 3,
  since: "2026-01-01T00:00:00Z",
  reads: ["key-1"],
  target: "key-1",
  rewritten: 12,
  controllers: [{ name: "c1", revision: 3 }],
  waitingFor: [],
  request: undefined,
  requested: undefined,
};

test("a new key is asked for once; a change that goes on is followed, whatever it leads to", () => {
  expect(beginningOf(stable)).toBe("ask");
  expect(beginningOf({ ...stable, requested: "b" })).toBe("follow");
  expect(beginningOf({ ...stable, phase: "rewriting" })).toBe("follow");
  // Encryption is being turned on.
  expect(beginningOf({ ...stable, encrypted: false, key: "identity", phase: "reading" })).toBe("follow");
});

test("without a key there is none to change", () => {
  expect(beginningOf(undefined)).toBe("refuse");
  expect(beginningOf({ ...stable, encrypted: false, key: "identity", target: "identity" })).toBe("refuse");
});

test("an order that nobody has taken is not done", () => {
  expect([isDone(stable), isDone({ ...stable, requested: "b" })]).toEqual([true, false]);
});

test("who is awaited is named, with what to do if it is gone for good", () => {
  const waiting: EncryptionReport = {
    ...stable,
    phase: "writing",
    revision: 4,
    controllers: [
      { name: "c1", revision: 4 },
      { name: "c2", revision: 3 },
      { name: "c3", revision: undefined },
    ],
    waitingFor: ["c2", "c3"],
  };
  expect(phaseText(waiting)).toBe("all controllers begin to write with the new key; waiting for c2, c3");
  const text = encryptionText(waiting);
  expect(text).toMatch(/c1 +yes\n.*c2 +not yet\n.*c3 +has not said anything yet\n/);
  expect(text).toContain("`k0s etcd leave --peer-address ADDRESS`");
  expect(encryptionText(stable)).not.toContain("etcd leave");
});
