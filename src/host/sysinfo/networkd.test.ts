import { expect, test } from "bun:test";
import { takesPodLinks } from "./networkd.ts";
import { outcome } from "./testdata/made-host.ts";

const file = (match: string, link = "") => ({
  path: "x.network",
  text: `[Match]\n${match}\n\n[Link]\n${link}\n`,
});
const takes = (...files: { path: string; text: string }[]): boolean => takesPodLinks(files) !== undefined;

test.each([
  ["Type=ether", true],
  ["Name=*", true],
  ["Name=e* v*", true],
  ["Driver=veth", true],
  ["Kind=bridge", true],
  ["Name=!lo", true],
  ["Type=ether\nKind=!*", false],
  ["Name=en* eth*", false],
  ["Type=ether\nMACAddress=52:54:00:12:34:56", false],
  ["Name=!veth* cali* vxlan* kube*", false],
  ["", false],
  ["# Type=ether", false],
])("a file for links with %j takes those of pods: %p", (match, expected) => {
  expect(takes(file(match))).toBe(expected);
});

test("the first file that fits is asked, and it may leave them alone", () => {
  const unmanaged = file("Name=veth* cali* vxlan.calico kube-bridge", "Unmanaged=yes");
  expect(takes(unmanaged, file("Type=ether"))).toBe(false);
  expect(takes(file("Type=ether"), unmanaged)).toBe(true);
  expect(takes(file("Name=veth*", "Unmanaged=yes"), file("Type=ether"))).toBe(true);
});

test("only where systemd-networkd runs, and a name in /etc hides the others", async () => {
  const networkd = { pid: 7, name: "systemd-network", program: "/usr/lib/systemd/systemd-networkd" };
  const files = { "/usr/lib/systemd/network/80-wired.network": "[Match]\nType=ether\n" };
  expect(await outcome("networkd", { files })).toBe("pass not running");
  expect(await outcome("networkd", { files, processes: async () => [networkd] })).toStartWith(
    "warning /usr/lib/systemd/network/80-wired.network",
  );
  const hidden = { ...files, "/etc/systemd/network/80-wired.network": "" };
  expect(await outcome("networkd", { files: hidden, processes: async () => [networkd] })).toBe(
    "pass leaves the links of pods alone",
  );
});
