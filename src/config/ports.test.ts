import { expect, test } from "bun:test";
import { type ClusterConfig, configDefaultsFor } from "./cluster-config.ts";
import { collide, controllerPorts, kubeletPorts, workerPorts } from "./ports.ts";

const defaults = configDefaultsFor({ single: false, dataDir: "/var/lib/k0s", publicAddress: "10.0.0.1" });
const everything = { joinApi: true, konnectivity: true };

function withSpec(change: Partial<ClusterConfig["spec"]>): ClusterConfig {
  return { ...defaults, spec: { ...defaults.spec, ...change } };
}

test("a start asks for the ports of the profile that the node has", () => {
  const config = withSpec({
    workerProfiles: [{ name: "a", values: { healthzPort: 11_248, readOnlyPort: 10_255 } }],
  });
  const kubelet = (profile: string): number[] =>
    workerPorts(config, profile)
      .filter(({ process }) => process === "kubelet")
      .map(({ port }) => port);
  expect(kubelet("default")).toEqual([10_250, 10_248]);
  expect(kubelet("a")).toEqual([10_250, 10_255, 11_248]);
});

test("an endpoint that is switched off needs no port", () => {
  expect(kubeletPorts({ healthzPort: 0 }).map(({ port }) => port)).toEqual([10_250]);
});

test("what does not run needs no port", () => {
  const ports = (config: ClusterConfig, runs = everything): string[] =>
    controllerPorts(config, runs).map(({ process, port }) => `${process} ${port}`);
  expect(ports(defaults)).toContain("etcd 2379");
  const kine = withSpec({ storage: { ...defaults.spec.storage, type: "kine" } });
  expect(ports(kine)).not.toContain("etcd 2379");
  expect(ports(kine)).toContain("kine 2380");
  expect(ports(defaults, { joinApi: false, konnectivity: false }).join()).not.toMatch(
    /konnectivity|control-api/,
  );
});

test("ports collide where addresses overlap", () => {
  const at = (address?: string) => ({ port: 1, process: "p", ...(address === undefined ? {} : { address }) });
  expect(collide(at(), at("127.0.0.1"))).toBe(true);
  expect(collide(at("::"), at("127.0.0.1"))).toBe(true);
  expect(collide(at("10.0.0.1"), at("127.0.0.1"))).toBe(false);
  expect(collide(at("fd00:0::1"), at("fd00::1"))).toBe(true);
  expect(collide(at(), { port: 2, process: "p" })).toBe(false);
});
