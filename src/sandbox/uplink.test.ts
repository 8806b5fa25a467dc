import { expect, test } from "bun:test";
import { freePrefix, reachableNameserver, uplinkRules } from "./uplink.ts";

test("the rules are one table that replaces itself", () => {
  expect(uplinkRules({ sandbox: "demo", prefix: "10.200.1", link: "k0s-up1" }))
    .toBe(`table ip k0s-sandbox-demo
delete table ip k0s-sandbox-demo
table ip k0s-sandbox-demo {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr 10.200.1.0/24 oifname != "k0s-up1" masquerade
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    oifname "k0s-up1" ct state established,related accept
    oifname "k0s-up1" drop
  }
}
`);
});

test("a sandbox gets a network that nobody has", () => {
  expect(freePrefix(["192.0.2.1"], [])).toBe("10.200.1");
  expect(freePrefix(["10.200.1.7", "fe80::1"], ["10.200.0", "10.200.2"])).toBe("10.200.3");
  const all = Array.from({ length: 255 }, (_, number) => `10.200.${number}`);
  expect(() => freePrefix([], all)).toThrow("taken");
});

test("a name server on the loopback address serves the host only", () => {
  expect(reachableNameserver("nameserver 127.0.0.53\nnameserver 192.0.2.53\n")).toBe("192.0.2.53");
  expect(reachableNameserver("options edns0\nnameserver 127.0.0.53\n")).toBeUndefined();
});
