import { expect, test } from "bun:test";
import { nameTaken } from "./name-taken.ts";

const now = Date.parse("2026-11-23T12:00:00Z");
const node = (address: string) => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "web" },
  status: { addresses: [{ type: "InternalIP", address }] },
});
const lease = (ageMs: number) => ({
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  metadata: { name: "web" },
  spec: { renewTime: new Date(now - ageMs).toISOString(), leaseDurationSeconds: 40 },
});
const base = { nodeName: "web", ownAddresses: ["192.0.2.1", "127.0.0.1"], now };

test("a name is taken while another machine gives signs of life under it", () => {
  const taken = nameTaken({ ...base, node: node("192.0.2.9"), lease: lease(3_000) });
  expect(taken?.code).toBe("name-taken");
  expect(taken?.message).toContain("192.0.2.9 gave a sign of life 3s ago");
});

test("it is free when nobody has it, when it was ours, and when the other one is silent", () => {
  expect(nameTaken({ ...base, node: undefined, lease: undefined })).toBeUndefined();
  expect(nameTaken({ ...base, node: node("192.0.2.1"), lease: lease(3_000) })).toBeUndefined();
  expect(nameTaken({ ...base, node: node("192.0.2.9"), lease: lease(60_000) })).toBeUndefined();
  expect(nameTaken({ ...base, node: node("192.0.2.9"), lease: undefined })).toBeUndefined();
});
