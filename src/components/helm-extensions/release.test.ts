import { expect, test } from "bun:test";
import { goodRevision, isPending, revisionsOf } from "./release.ts";

const secret = (version: string, status: string, more: Record<string, string> = {}) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { labels: { owner: "helm", version, status, createdAt: "100", ...more } },
});

test("revisions are in the order of their numbers, with the time of the last change", () => {
  const found = revisionsOf([
    secret("10", "deployed", { modifiedAt: "200" }),
    secret("9", "superseded"),
    secret("no number", "deployed"),
  ]);
  expect(found).toEqual([
    { revision: 9, status: "superseded", writtenAt: 100 },
    { revision: 10, status: "deployed", writtenAt: 200 },
  ]);
});

test("what worked last is what is deployed, else what was", () => {
  const good = (...statuses: string[]) =>
    goodRevision(statuses.map((status, index) => ({ revision: index + 1, status, writtenAt: 0 })));
  expect(good("superseded", "deployed", "failed")).toBe(2);
  expect(good("superseded", "superseded", "pending-upgrade")).toBe(2);
  expect(good("failed", "pending-install")).toBeUndefined();
});

test("which states are unfinished", () => {
  const of = (status: string) => isPending({ revision: 1, status, writtenAt: 0 });
  expect(["pending-install", "pending-upgrade", "pending-rollback", "uninstalling"].every(of)).toBe(true);
  expect(["deployed", "failed", "superseded", "uninstalled", "unknown"].some(of)).toBe(false);
});
