// Settings of the network providers, one at a time: each changes what is written for the deployer.

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import { calicoNodeEnvironment } from "./calico/node-environment.ts";
import { kubeRouterArgs, kubeRouterObjects } from "./kube-router/manifest.ts";
import { networkStacks } from "./stacks.ts";

const schema = clusterConfigSchema({ single: true, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.10" });
const network = (values: object) => schema.parse({ spec: { network: values } });

test("the provider decides which stacks there are", async () => {
  const stacks = async (provider: string): Promise<string[]> => [
    ...(await networkStacks(network({ provider }), { proxied: true })).keys(),
  ];
  expect(await stacks("calico")).toEqual(["calico_init", "calico"]);
  expect(await stacks("kuberouter")).toEqual(["kuberouter"]);
  expect(await stacks("custom")).toEqual([]);
});

test("kube-router's arguments", () => {
  const added = (kuberouter: object): string[] => {
    const before = new Set(kubeRouterArgs(network({})));
    return kubeRouterArgs(network({ kuberouter })).filter((arg) => !before.has(arg));
  };
  expect(added({ autoMTU: false })).toEqual(["--auto-mtu=false"]);
  expect(added({ metricsPort: 8081 })).toEqual(["--metrics-port=8081"]);
  expect(added({ hairpin: "Allowed" })).toEqual(["--hairpin-mode=false"]);
  expect(added({ peerRouterASNs: "64512" })).toEqual(["--peer-router-asns=64512"]);
  expect(added({ peerRouterIPs: "192.0.2.1" })).toEqual(["--peer-router-ips=192.0.2.1"]);
  expect(added({ extraArgs: { "run-router": "false", v: "3" } })).toEqual(["--run-router=false", "--v=3"]);
  expect(added({ rawArgs: ["--v=4"] })).toEqual(["--v=4"]);
  expect(kubeRouterArgs(network({ serviceCIDR: "10.152.183.0/24" }))).toContain(
    "--service-cluster-ip-range=10.152.183.0/24",
  );
});

test("kube-router finds the API at what does not depend on the controller that leads, where there is such", () => {
  const controllers = clusterConfigSchema({
    single: false,
    dataDir: "/var/lib/k0s",
    publicAddress: "fd00::10",
  });
  const found = (spec: object): string[] =>
    [
      ...JSON.stringify(kubeRouterObjects(controllers.parse({ spec }), { proxied: true })).matchAll(
        /"KUBERNETES_SERVICE_(?:HOST|PORT)","value":"([^"]*)"/g,
      ),
    ].flatMap(([, value]) => value ?? []);
  const balanced = (values: object) => ({
    network: { nodeLocalLoadBalancing: { enabled: true, ...values } },
  });
  // At the Service, which is that of all controllers.
  expect(found({})).toEqual([]);
  expect(JSON.stringify(kubeRouterObjects(controllers.parse({ spec: {} }), { proxied: true }))).toContain(
    "until ! command -v nc >/dev/null || $limit nc -w 1",
  );
  expect(found({ network: { kubeProxy: { disabled: true } } })).toEqual(["fd00::10", "6443"]);
  expect(found({ storage: { type: "kine", kine: { dataSource: "sqlite:///a" } } })).toEqual([
    "fd00::10",
    "6443",
  ]);
  expect(found({ api: { externalAddress: "api.example", port: 443 } })).toEqual(["api.example", "443"]);
  expect(JSON.stringify(kubeRouterObjects(controllers.parse({ spec: {} }), { proxied: false }))).toContain(
    "fd00::10",
  );
  expect(found(balanced({}))).toEqual(["localhost", "7443"]);
  const traefik = balanced({ type: "Traefik", traefik: { apiServerBindPort: 7555 } });
  expect(found(traefik)).toEqual(["localhost", "7555"]);
});

describe("before it begins, kube-router waits for a connection to the Service", () => {
  const dir = mkdtempSync(join(tmpdir(), "k0s-await-"));
  afterAll(() => rm(dir, { recursive: true, force: true }));

  /** What its script calls, with these programs in its image. */
  async function calls(...programs: readonly string[]): Promise<string> {
    const bin = await mkdtemp(join(dir, "bin-"));
    for (const name of programs)
      await writeFile(join(bin, name), `#!/bin/sh\necho ${name} "$@" >&2\n`, { mode: 0o755 });
    const { spec } = clusterConfigSchema({ single: false, dataDir: "/a", publicAddress: "192.0.2.1" }).parse(
      {},
    );
    const script =
      JSON.stringify(kubeRouterObjects({ spec }, { proxied: true })).match(
        /tries=0\\nlimit=.*?done\\n/,
      )?.[0] ?? "exit 9";
    const { stderr, exitCode } = Bun.spawnSync(["/bin/sh", "-c", JSON.parse(`"${script}"`) as string], {
      env: { PATH: bin, KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443" },
    });
    expect(exitCode).toBe(0);
    return stderr.toString();
  }

  test("with a limit to each try, for a server that is frozen takes a connection and says nothing", async () => {
    expect(await calls("nc", "timeout")).toBe("timeout 3 nc -w 1 10.96.0.1 443\n");
  });

  test("as far as its image has what that takes", async () => {
    expect(await calls("nc")).toBe("nc -w 1 10.96.0.1 443\n");
    expect(await calls()).toBe("");
  });
});

test("kube-router's CNI configuration and annotations", () => {
  const written = (kuberouter: object): string =>
    JSON.stringify(kubeRouterObjects(network({ kuberouter }), { proxied: true }));
  expect(written({ autoMTU: false, mtu: 1300 })).toContain(String.raw`\"mtu\":1300`);
  expect(written({ mtu: 1300 })).not.toContain("1300");
  expect(written({ ipMasq: true })).toContain(String.raw`\"ipMasq\":true`);
  expect(written({ metricsPort: 8081 })).toContain('"prometheus.io/port":"8081"');
  expect(written({ metricsPort: 0 })).not.toContain("prometheus.io/port");
});

test("calico-node's environment", () => {
  const changed = (calico: object): Record<string, unknown> => {
    const before = new Map(calicoNodeEnvironment(network({})).map((one) => [one.name, JSON.stringify(one)]));
    return Object.fromEntries(
      calicoNodeEnvironment(network({ calico })).flatMap((one) =>
        before.get(one.name) === JSON.stringify(one) || !("value" in one) ? [] : [[one.name, one.value]],
      ),
    );
  };
  expect(changed({ vxlanPort: 4790 })).toEqual({ FELIX_VXLANPORT: "4790" });
  expect(changed({ vxlanVNI: 7 })).toEqual({ FELIX_VXLANVNI: "7" });
  expect(changed({ mtu: 1400 })).toEqual({
    FELIX_IPINIPMTU: "1400",
    FELIX_VXLANMTU: "1400",
    FELIX_WIREGUARDMTU: "1400",
  });
  // On a link of 1500: 1450 with VXLAN, 1440 and 1420 with WireGuard.
  expect(changed({ wireguard: true })).toMatchObject({
    FELIX_WIREGUARDMTU: "1440",
    FELIX_WIREGUARDMTUV6: "1420",
  });
  expect(changed({ wireguard: true, mtu: 0 })).toMatchObject({
    FELIX_WIREGUARDMTU: "0",
    FELIX_WIREGUARDMTUV6: "0",
  });
  expect(changed({ overlay: "CrossSubnet" })).toEqual({ CALICO_IPV4POOL_VXLAN: "CrossSubnet" });
  expect(changed({ ipAutodetectionMethod: "interface=eth0" })).toEqual({
    IP_AUTODETECTION_METHOD: "interface=eth0",
    IP6_AUTODETECTION_METHOD: "interface=eth0",
  });
  expect(changed({ ipV6AutodetectionMethod: "interface=eth1" })).toEqual({
    IP6_AUTODETECTION_METHOD: "interface=eth1",
  });
  expect(changed({ envVars: { FELIX_HEALTHHOST: "::1", OWN: "1" } })).toEqual({
    FELIX_HEALTHHOST: "::1",
    OWN: "1",
  });
});
