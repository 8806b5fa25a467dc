import { expect, test } from "bun:test";
import { clusterConfigSchema } from "../config/cluster-config.ts";
import { appliedUnder } from "./applied-under.ts";

const config = (spec: object) =>
  clusterConfigSchema({ single: false, dataDir: "/a", publicAddress: "192.0.2.1" }).parse({ spec });

test("another k0s, other gates and other arguments of the API server are told apart, the rest is not", () => {
  const own = appliedUnder(config({}), "1");
  expect(appliedUnder(config({ network: { provider: "calico" } }), "1")).toBe(own);
  const others = [
    appliedUnder(config({}), "2"),
    appliedUnder(config({ featureGates: [{ name: "A", enabled: true }] }), "1"),
    appliedUnder(config({ api: { extraArgs: { "feature-gates": "A=true" } } }), "1"),
    appliedUnder(config({ api: { rawArgs: ["--feature-gates=A=true"] } }), "1"),
  ];
  expect(new Set([own, ...others]).size).toBe(5);
});
