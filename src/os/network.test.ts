import { expect, test } from "bun:test";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { hostAddresses, lastingAddresses, publicAddress, resolveHost } from "./addresses.ts";
import type { HostAddress } from "./addresses.ts";
import { listLinks, parseNetDev } from "./links.ts";
import { passingAddresses } from "./passing-addresses.ts";
import { assertPortsFree, listListeners, parseListeners, waitForPort } from "./ports.ts";

const address = (name: string, text: string, loopback = false): HostAddress => ({
  interface: name,
  address: text,
  family: text.includes(":") ? 6 : 4,
  loopback,
  hardwareAddress: "02:00:00:00:00:01",
});

test("the public address is the first IPv4 one that leads outside", () => {
  const all = [
    address("lo", "127.0.0.1", true),
    address("cali123", "10.9.9.9"),
    address("vxlan.calico", "10.9.9.8"),
    address("eth0", "fe80::1"),
    address("eth0", "fd00::5"),
    address("eth0", "10.0.0.5"),
    address("eth1", "10.0.1.5"),
  ];
  expect(publicAddress(all)).toBe("10.0.0.5");
  expect(publicAddress(all.filter(({ family }) => family === 6))).toBe("fd00::5");
  expect(publicAddress(all.slice(0, 3))).toBe("127.0.0.1");
});

test("addresses of privacy extensions, deprecated ones and those of network providers do not last", () => {
  const table = `00000000000000000000000000000001 01 80 10 80       lo
20010db8000000000000000000000005 02 40 00 00     eth0
20010db80000000099990000000000aa 02 40 00 01     eth0
20010db80000000000000000000000de 02 40 00 20     eth0
20010db8000000000000000000000066 02 40 00 40     eth0
fe8000000000000000fc00fffe000001 02 40 20 80     eth0
`;
  const passing = passingAddresses(table);
  expect([...passing]).toEqual(["2001:db8::9999:0:0:aa", "2001:db8::de"]);
  const all = [
    address("vxlan.calico", "10.9.9.8"),
    address("eth0", "2001:db8::9999:0:0:aa"),
    address("eth0", "2001:db8::5"),
    address("eth0", "2001:db8::66"),
  ];
  const lasting = lastingAddresses(all, passing);
  expect(lasting.map(({ address: text }) => text)).toEqual(["2001:db8::5", "2001:db8::66"]);
  expect(publicAddress(all, passing)).toBe("2001:db8::5");
  expect(publicAddress(all.slice(0, 2), passing)).toBe("2001:db8::9999:0:0:aa");
  expect(passingAddresses("")).toEqual(new Set());
});

test("this host has a loopback address, and localhost resolves", async () => {
  expect(hostAddresses().some(({ address: text, loopback }) => text === "127.0.0.1" && loopback)).toBe(true);
  expect(await resolveHost("localhost")).toContain("127.0.0.1");
  expect(await resolveHost("no-such-host.invalid")).toEqual([]);
});

test("links are read from the kernel's table", async () => {
  expect(parseNetDev("Inter-| Receive\n face |bytes\n    lo: 1 2\nvxlan.calico:3 4\n")).toEqual([
    "lo",
    "vxlan.calico",
  ]);
  expect(await listLinks()).toContain("lo");
});

test("a port in use names the process that has it", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await waitForPort({ host: "127.0.0.1", port }, { timeoutMs: 1000 });
  const use = { port, process: "kube-apiserver", setting: "spec.api.port" };
  expect(assertPortsFree([use])).rejects.toThrow(`Port ${port}, which kube-apiserver needs, is in use by`);
  expect(assertPortsFree([{ ...use, address: "127.0.0.1" }])).rejects.toThrow(`pid ${process.pid}`);
  await assertPortsFree([{ ...use, address: "10.1.2.3" }]);
  await assertPortsFree([use], { exceptOf: new Set([process.pid]) });
  expect((await listListeners()).some((listener) => listener.port === port)).toBe(true);
  await new Promise((resolve) => server.close(resolve));
  await assertPortsFree([use]);
  expect(waitForPort({ host: "127.0.0.1", port }, { timeoutMs: 80 })).rejects.toThrow(`127.0.0.1:${port}`);
});

test("socket tables of both families are parsed", () => {
  const line = (local: string) =>
    `   0: ${local} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1`;
  expect(parseListeners(line("0100007F:192B"))).toEqual([
    { address: "127.0.0.1", port: 6443, inode: "4242" },
  ]);
  expect(parseListeners(line("00000000000000000000000001000000:192B"))[0]?.address).toBe("::1");
  expect(parseListeners(line("0000000000000000FFFF00000100007F:192B"))[0]?.address).toBe("127.0.0.1");
  expect(parseListeners(line("0100007F:192B").replace(" 0A ", " 01 "))).toEqual([]);
});
