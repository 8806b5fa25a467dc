import { expect, test } from "bun:test";
import { array, assert, constantFrom, ipV4, ipV6, oneof, property } from "fast-check";
import { resolvConfFor, systemdPath } from "./resolv-conf.ts";

const nodeIp = "10.0.0.1";
const host = (etc: string, systemd?: string) => resolvConfFor({ etc, systemd, nodeIp });

test("the lone stub of systemd-resolved moves the file", () => {
  expect(host("nameserver 127.0.0.53\n", "nameserver 192.0.2.1\n")).toEqual({
    path: systemdPath,
    dropped: [],
  });
});

test("the host's file is taken as it is when pods can reach its servers", () => {
  expect(host("search a.example\nnameserver 192.0.2.1\noptions ndots:2\n")).toEqual({
    path: "/etc/resolv.conf",
    dropped: [],
  });
});

const looping: readonly (readonly [
  name: string,
  etc: string,
  systemd: string | undefined,
  content: string,
])[] = [
  ["dnsmasq on the host", "nameserver 127.0.0.1\n", undefined, "nameserver 10.0.0.1\n"],
  [
    "a loopback server beside a real one",
    "nameserver 127.0.0.53\nnameserver 192.0.2.1\n",
    undefined,
    "nameserver 192.0.2.1\n",
  ],
  ["the stub without systemd's own file", "nameserver 127.0.0.53\n", undefined, "nameserver 10.0.0.1\n"],
  [
    "systemd-resolved that forwards to a server on loopback",
    "nameserver 127.0.0.53\n",
    "nameserver 127.0.0.1\nsearch a.example\n",
    "search a.example\nnameserver 10.0.0.1\n",
  ],
  ["IPv6", "nameserver ::1\nnameserver 2001:db8::1\n", undefined, "nameserver 2001:db8::1\n"],
  ["IPv4 in IPv6", "nameserver ::ffff:127.0.0.1\n", undefined, "nameserver 10.0.0.1\n"],
  ["the unspecified address", "nameserver 0.0.0.0\n", undefined, "nameserver 10.0.0.1\n"],
  [
    "options are kept",
    "options edns0\n  nameserver 127.0.1.1 # local\nsearch a.example\n",
    undefined,
    "options edns0\nsearch a.example\nnameserver 10.0.0.1\n",
  ],
];
for (const [name, etc, systemd, content] of looping) {
  test(`a server on loopback does not reach pods: ${name}`, () => {
    const result = host(etc, systemd);
    expect(result.content).toBe(content);
    expect(result.dropped).not.toEqual([]);
  });
}

test("a host without name servers gets one that does not loop", () => {
  expect(host("")).toEqual({ content: "nameserver 10.0.0.1\n", dropped: [] });
  expect(host("search example.org\n")).toEqual({
    content: "search example.org\nnameserver 10.0.0.1\n",
    dropped: [],
  });
});

test("no generated file names a server on loopback, and none loses a server that pods reach", () => {
  const server = oneof(ipV4(), ipV6(), constantFrom("127.0.0.1", "127.0.0.53", "::1", "127.9.8.7"));
  assert(
    property(array(server), (servers) => {
      const etc = servers.map((one) => `nameserver ${one}\n`).join("");
      const { content, dropped } = host(etc);
      const given =
        content === undefined ? servers : [...content.matchAll(/nameserver (\S+)/g)].map((m) => m[1]);
      expect(given.filter((one) => one?.startsWith("127.") || one === "::1")).toEqual([]);
      const kept = servers.filter((one) => !dropped.includes(one));
      expect(given).toEqual(kept.length === 0 ? [nodeIp] : kept);
    }),
  );
});
