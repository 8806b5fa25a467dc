import { expect, test } from "bun:test";
import { parseClusterConfig } from "../../config/load.ts";
import { etcdListenUrl, etcdPeerUrls } from "./flags.ts";

const node = { single: false, dataDir: "/d", publicAddress: "10.0.0.1" };
const withEtcd = (etcd: string) => parseClusterConfig(`spec: {storage: {etcd: {${etcd}}}}`, node).config;

test("the address of the member is what etcd is told last: nothing else may be written over what it remembers", () => {
  const own = "https://10.0.0.1:2380";
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["", [own]],
    ["peerAddress: 'fd00::1'", ["https://[fd00::1]:2380"]],
    [
      "extraArgs: {initial-advertise-peer-urls: 'https://a:2380, https://b:2380'}",
      ["https://a:2380", "https://b:2380"],
    ],
    ["rawArgs: ['--initial-advertise-peer-urls=https://nat:2380']", ["https://nat:2380"]],
    ["rawArgs: [-initial-advertise-peer-urls, 'https://nat:2380']", ["https://nat:2380"]],
    [
      "extraArgs: {initial-advertise-peer-urls: 'https://a:2380'}, rawArgs: ['--initial-advertise-peer-urls=https://nat:2380']",
      ["https://nat:2380"],
    ],
  ];
  for (const [etcd, urls] of cases) expect([etcd, etcdPeerUrls(withEtcd(etcd))]).toEqual([etcd, urls]);
  expect(etcdListenUrl(withEtcd("rawArgs: ['--listen-peer-urls=https://10.0.0.9:2380']"))).toBe(
    "https://10.0.0.9:2380",
  );
  expect(etcdListenUrl(withEtcd(""))).toBe(own);
});
