import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseProxyMode, decideProxyMode, type ProxyModeInput } from "./mode.ts";

const choose = (input: Partial<ProxyModeInput>) =>
  chooseProxyMode({
    configured: undefined,
    remembered: undefined,
    nftables: true,
    ipvs: false,
    protocolNames: true,
    ...input,
  });

test("the user's word counts first, then what was decided before, then the kernel", () => {
  expect(choose({ configured: "iptables", remembered: "nftables" })).toBe("iptables");
  expect(choose({ remembered: "iptables" })).toBe("iptables");
  expect(choose({})).toBe("nftables");
  // What a mode that is no longer asked for left is cleaned up by kube-proxy.
  expect(choose({ remembered: "ipvs" })).toBe("nftables");
  expect(choose({ remembered: "garbage", nftables: false })).toBe("iptables");
});

test("modes that nobody has any more are refused by path", () => {
  expect(() => choose({ configured: "userspace" })).toThrow("spec.network.kubeProxy.mode");
});

test("ipvs runs where the kernel has it; elsewhere the message names what is missing", () => {
  expect(choose({ configured: "ipvs", ipvs: true })).toBe("ipvs");
  expect(() => choose({ configured: "ipvs" })).toThrow("the kernel of this host has no IPVS");
});

test("where protocols have no names, iptables are all that works", () => {
  expect(choose({ protocolNames: false })).toBe("iptables");
  // nftables' rules go with kube-proxy's next start.
  expect(choose({ protocolNames: false, remembered: "nftables" })).toBe("iptables");
  expect(choose({ protocolNames: false, configured: "iptables" })).toBe("iptables");
  for (const mode of ["nftables", "ipvs"])
    expect(() => choose({ protocolNames: false, configured: mode, ipvs: true })).toThrow("/etc/protocols");
});

test("names that are missing for a while, as on a full disk, do not choose for later starts", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "k0s-proxy-mode-"));
  try {
    const decide = (names: boolean) =>
      decideProxyMode(
        undefined,
        { dataDir, nft: "/bin/true", env: {}, hasIpvs: async () => false, namesProtocols: async () => names },
        AbortSignal.timeout(10_000),
      );
    expect([await decide(true), await decide(false), await decide(true)]).toEqual([
      "nftables",
      "iptables",
      "nftables",
    ]);
  } finally {
    await rm(dataDir, { recursive: true });
  }
});
