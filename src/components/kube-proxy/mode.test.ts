import { expect, test } from "bun:test";
import { chooseProxyMode } from "./mode.ts";

test("the user's word counts first, then what was decided before, then the kernel", () => {
  expect(chooseProxyMode({ configured: "iptables", remembered: "nftables", nftables: true })).toBe(
    "iptables",
  );
  expect(chooseProxyMode({ configured: undefined, remembered: "iptables", nftables: true })).toBe("iptables");
  expect(chooseProxyMode({ configured: undefined, remembered: undefined, nftables: true })).toBe("nftables");
  expect(chooseProxyMode({ configured: undefined, remembered: "garbage", nftables: false })).toBe("iptables");
});

test("modes that nobody has any more are refused by path", () => {
  expect(() => chooseProxyMode({ configured: "ipvs", remembered: undefined, nftables: true })).toThrow(
    "spec.network.kubeProxy.mode",
  );
});
