import { expect, test } from "bun:test";
import { selectorOf } from "./observe-network.ts";

test("a rule of routing is deleted by all that it says: its preference may be somebody else's, too", () => {
  const words = (rule: string): string => selectorOf(rule).join(" ");
  expect(words("32765:\tfrom 10.244.0.0/24 lookup 77")).toBe("pref 32765 from 10.244.0.0/24 lookup 77");
  expect(words("5: not from all fwmark 0x1/0xf iif tun-1 [detached] lookup kube-router proto static")).toBe(
    "pref 5 not from all fwmark 0x1/0xf iif tun-1 lookup kube-router proto static",
  );
});
