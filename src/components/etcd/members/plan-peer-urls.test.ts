import { expect, test } from "bun:test";
import { peerAddressOf, planPeerUrls } from "./plan-peer-urls.ts";

const member = (id: string, ...peerUrls: string[]) => ({ id, name: id, peerUrls, isLearner: false });
const members = [member("a1", "https://10.0.0.1:2380"), member("b2", "https://10.0.0.2:2380")];

test("a member that has moved is told to etcd, one that has not is left alone", () => {
  expect(planPeerUrls(members, "a1", ["https://10.0.0.1:2380"])).toEqual({ action: "keep" });
  expect(planPeerUrls(members, "a1", ["https://10.0.0.9:2380"])).toEqual({
    action: "update",
    from: ["https://10.0.0.1:2380"],
  });
});

test("several addresses are compared as sets", () => {
  const two = [member("a1", "https://10.0.0.1:2380", "https://[fd00::1]:2380")];
  const wanted = ["https://[fd00::1]:2380", "https://10.0.0.1:2380"];
  expect(planPeerUrls(two, "a1", wanted)).toEqual({ action: "keep" });
  expect(planPeerUrls(two, "a1", wanted.slice(1)).action).toBe("update");
});

test("the address of another member is not taken, and nothing is done for a member that etcd does not know", () => {
  expect(planPeerUrls(members, "a1", ["https://10.0.0.2:2380"])).toMatchObject({
    action: "refuse",
    by: { id: "b2" },
  });
  expect(planPeerUrls(members, "c3", ["https://10.0.0.3:2380"])).toEqual({ action: "unknown" });
});

test("an address is read from a URL of either family", () => {
  expect(peerAddressOf({ peerUrls: ["https://10.0.0.1:2380"] })).toBe("10.0.0.1");
  expect(peerAddressOf({ peerUrls: ["https://[fd00::1]:2380"] })).toBe("fd00::1");
  expect(peerAddressOf({ peerUrls: [] })).toBe("");
});
