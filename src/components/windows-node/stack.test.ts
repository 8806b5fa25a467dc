// The manifests for Windows against files that a reader can diff.

import { expect, test } from "bun:test";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import { expectGolden } from "../testdata/golden-file.ts";
import { windowsStack } from "./stack.ts";

const schema = clusterConfigSchema({ single: false, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.10" });
const stackOf = (network: object, ...disabled: string[]) =>
  windowsStack({ config: schema.parse({ spec: { network } }), disabledComponents: new Set(disabled) });
const names = (...args: Parameters<typeof stackOf>) => [...stackOf(...args).keys()];

const proxy = "kube-proxy-windows.yaml";
const calico = "calico-windows.yaml";

test("windows-node is as in testdata", () => expectGolden("windows-node", [...stackOf({}).values()].flat()));

test("Calico only in mode vxlan, and each only where it runs on Linux, too", () => {
  expect(names({})).toEqual([proxy, calico]);
  expect(names({ calico: { mode: "bird" } })).toEqual([proxy]);
  expect(names({ provider: "kuberouter" })).toEqual([proxy]);
  expect(names({ kubeProxy: { disabled: true } })).toEqual([calico]);
  expect(names({}, "kube-proxy")).toEqual([calico]);
  expect(names({}, "network-provider")).toEqual([proxy]);
});

test("kube-proxy finds the API at the balancer of its node, where there is one", () => {
  const text = (network: object) => JSON.stringify([...(stackOf(network).get(proxy) ?? [])]);
  expect(text({})).toContain("server: https://192.0.2.10:6443");
  expect(text({ nodeLocalLoadBalancing: { enabled: true } })).toContain("server: https://localhost:7443");
});

test("patches of Calico and kube-proxy are applied to what they name there", () => {
  const patch = { type: "MergePatch", content: '{"metadata": {"labels": {"patched": "yes"}}}' };
  const patches = (...names: string[]) =>
    names.map((name) => ({ target: { kind: "DaemonSet", name }, patch }));
  const stack = stackOf({
    calico: { patches: patches("calico-node", "calico-node-windows") },
    kubeProxy: { patches: patches("kube-proxy-windows") },
  });
  const patched = [...stack].flatMap(([file, objects]) =>
    objects
      .filter(({ metadata }) => metadata.labels?.["patched"] === "yes")
      .map(({ metadata }) => [file, metadata.name]),
  );
  expect(patched).toEqual([
    [proxy, "kube-proxy-windows"],
    [calico, "calico-node-windows"],
  ]);
});
