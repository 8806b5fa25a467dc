import { expect, test } from "bun:test";
import { calicoTraces } from "../../components/network/calico/traces.ts";
import { kubeRouterTraces } from "../../components/network/kube-router/traces.ts";
import { deletedRoutes, leadsToOurs, selectorOf } from "./observe-network.ts";

test("a rule of routing is deleted by all that it says: its preference may be somebody else's, too", () => {
  const words = (rule: string): string => selectorOf(rule).join(" ");
  expect(words("32765:\tfrom 10.244.0.0/24 lookup 77")).toBe("pref 32765 from 10.244.0.0/24 lookup 77");
  expect(words("5: not from all fwmark 0x1/0xf iif tun-1 [detached] lookup kube-router proto static")).toBe(
    "pref 5 not from all fwmark 0x1/0xf iif tun-1 lookup kube-router proto static",
  );
});

test("a table that many choose is Calico's only by Calico's rule", () => {
  const tables = [calicoTraces, kubeRouterTraces].flatMap(({ routingTables }) => routingTables ?? []);
  const rules = [
    "99:\tnot from all fwmark 0x100000/0x100000 lookup 1 proto boot",
    "99: not from all fwmark 0x40000/0x40000 lookup 2",
    "32764:\tfrom all lookup 77",
    "99:\tfrom 192.0.2.0/24 lookup 1",
    "100:\tnot from all fwmark 0x100000/0x100000 lookup 1",
    "99:\tnot from all fwmark 0x100000/0xff0000 lookup 1",
    "99:\tnot from all fwmark 0x1/0x1 lookup 12",
    "32766:\tfrom all lookup main",
  ];
  expect(rules.filter((rule) => leadsToOurs(rule, tables))).toEqual(rules.slice(0, 3));
});

test("of a table of Calico's, what no link takes along when it goes: by its type and prefix alone", () => {
  const listing = [
    "throw 10.244.59.192/26 ",
    "throw fd00:1::/64 dev lo metric 1024 error -11 pref medium",
    "10.244.1.0/26 dev wireguard.cali scope link",
    "blackhole 192.0.2.0/24",
  ];
  expect(deletedRoutes(listing, "1", ["throw"])).toEqual([
    ["throw", "10.244.59.192/26", "table", "1"],
    ["throw", "fd00:1::/64", "table", "1"],
  ]);
});
