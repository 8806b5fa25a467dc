import { expect, test } from "bun:test";
import { parseClusterConfig } from "../../config/load.ts";
import { redirectRules } from "./balancer.ts";

test("what comes in for a virtual address and the API's port goes to the balancer, nothing else", () => {
  const instances = "{virtualIPs: [10.0.0.9/24], authPass: a}, {virtualIPs: [10.1.0.9/24], authPass: b}";
  const text = `spec: {api: {port: 7443}, network: {controlPlaneLoadBalancing: {enabled: true, keepalived: {vrrpInstances: [${instances}]}}}}`;
  const { config } = parseClusterConfig(text, {
    single: false,
    dataDir: "/var/lib/k0s",
    publicAddress: "10.0.0.5",
  });
  expect(redirectRules(config)).toContain("ip daddr { 10.0.0.9, 10.1.0.9 } tcp dport 7443 redirect to :6444");
  // Nothing is left of an earlier run.
  expect(redirectRules(config)).toStartWith(
    "add table ip k0s-control-plane\ndelete table ip k0s-control-plane\n",
  );
});
