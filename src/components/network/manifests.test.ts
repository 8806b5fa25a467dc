// The manifests of the network providers against files that a reader can diff.

import { expect, test } from "bun:test";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import type { KubeObject } from "../../kube/types.ts";
import { calicoObjects } from "./calico/manifest.ts";
import { calicoCrds } from "./calico/crds.ts";
import { kubeRouterArgs, kubeRouterObjects } from "./kube-router/manifest.ts";
import { expectGolden } from "../testdata/golden-file.ts";

const schema = clusterConfigSchema({ single: true, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.10" });
const network = (values: object) => schema.parse({ spec: { network: values } });

const dualStack = { enabled: true, IPv6podCIDR: "fd00::/108", IPv6serviceCIDR: "fd01::/112" };
const cases: Readonly<Record<string, readonly KubeObject[]>> = {
  calico: calicoObjects(network({})),
  "calico-dual-stack-options": calicoObjects(
    network({
      dualStack,
      calico: {
        overlay: "CrossSubnet",
        vxlanPort: 8472,
        vxlanVNI: 77,
        ipAutodetectionMethod: "interface=eth.*",
        ipV6AutodetectionMethod: "can-reach=fd00::1",
        mtu: 0,
        wireguard: true,
        envVars: { IP: "none", X: "1" },
      },
    }),
  ),
  "kube-router": kubeRouterObjects(network({ provider: "kuberouter" }), { proxied: true }),
  "kube-router-dual-stack-options": kubeRouterObjects(
    network({
      provider: "kuberouter",
      dualStack,
      kuberouter: {
        autoMTU: false,
        mtu: 1400,
        metricsPort: 0,
        hairpin: "Disabled",
        ipMasq: true,
        peerRouterIPs: "192.0.2.1",
        peerRouterASNs: "64512",
        extraArgs: { "bgp-graceful-restart": "false", "nodes-full-mesh": "true" },
        rawArgs: ["--v=2"],
      },
    }),
    { proxied: true },
  ),
};

for (const [name, objects] of Object.entries(cases)) {
  test(`${name} is as in testdata`, () => expectGolden(name, objects));
}

test("what calico-node is told wins over what follows from the other settings", () => {
  const node = (values: object) => JSON.stringify(calicoObjects(network({ calico: values })));
  expect(node({ wireguard: true })).toContain('{"name":"FELIX_WIREGUARDENABLED","value":"true"}');
  expect(node({ wireguard: true })).toContain('{"name":"FELIX_WIREGUARDENABLEDV6","value":"false"}');
  const changed = node({ envVars: { FELIX_VXLANPORT: "1" } });
  expect(changed).toContain('{"name":"FELIX_VXLANPORT","value":"1"}');
  expect(changed).not.toContain('"4789"');
});

test("pods of kube-router are replaced when only the configuration of the CNI changes", () => {
  const pods = (values: object) =>
    kubeRouterObjects(network({ kuberouter: values }), { proxied: true }).at(-1);
  expect(pods({ ipMasq: true })).not.toEqual(pods({}));
  expect(pods({ autoMTU: false, mtu: 1400 })).not.toEqual(pods({ autoMTU: false, mtu: 1300 }));
});

test("hairpin is a setting of the bridge and of kube-router", () => {
  const flag = (hairpin: string) =>
    kubeRouterArgs(network({ kuberouter: { hairpin } })).find((arg) => arg.startsWith("--hairpin-mode="));
  expect(["Enabled", "Allowed", "Disabled"].map(flag)).toEqual([
    "--hairpin-mode=true",
    "--hairpin-mode=false",
    "--hairpin-mode=false",
  ]);
});

test("Calico's own kinds are all there, and all cluster-wide or namespaced as upstream has them", () => {
  const crds = calicoCrds();
  expect(crds).toHaveLength(18);
  expect(new Set(crds.map((crd) => crd.kind))).toEqual(new Set(["CustomResourceDefinition"]));
});
