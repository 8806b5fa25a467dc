import { expect, test } from "bun:test";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import { podNameservers } from "../../config/derived.ts";
import { nodeLocalDns } from "./node-local.ts";

const schema = clusterConfigSchema({ single: true, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.10" });
const configOf = (nodeLocalDNS: object) => schema.parse({ spec: { network: { nodeLocalDNS } } });

test("there is no cache until it is enabled, and pods ask the cluster's DNS", () => {
  const config = configOf({});
  expect(nodeLocalDns(config)).toEqual([]);
  expect(podNameservers(config)).toEqual(["10.96.0.10"]);
});

test("the cache listens on its address, and pods ask it first", () => {
  expect(podNameservers(configOf({ enabled: true }))).toEqual(["169.254.20.10", "10.96.0.10"]);
  const config = configOf({ enabled: true, address: "169.254.7.7" });
  expect(podNameservers(config)).toEqual(["169.254.7.7", "10.96.0.10"]);
  expect(JSON.stringify(nodeLocalDns(config))).toContain("bind 169.254.7.7");
});
