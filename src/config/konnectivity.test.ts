import { expect, test } from "bun:test";
import { clusterConfigSchema } from "./cluster-config.ts";
import { agentTargets } from "./konnectivity.ts";

const node = { single: false, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.10" };

test("agents go to the address that the configuration gives, the nearest first", () => {
  const cases: [object, string, string, boolean][] = [
    [{}, "192.0.2.10:8132", "192.0.2.10:6443", false],
    [{ konnectivity: { agentPort: 9132 } }, "192.0.2.10:9132", "192.0.2.10:6443", false],
    [{ api: { externalAddress: "lb.example:443" } }, "lb.example:8132", "lb.example:443", false],
    [{ api: { externalAddress: "lb.example" } }, "lb.example:8132", "lb.example:6443", false],
    [{ konnectivity: { externalAddress: "k.example:99" } }, "k.example:99", "192.0.2.10:6443", false],
    [{ konnectivity: { externalAddress: "k.example" } }, "k.example:8132", "192.0.2.10:6443", false],
    [{ network: { nodeLocalLoadBalancing: { enabled: true } } }, "localhost:7132", "localhost:7443", true],
    [
      {
        network: {
          nodeLocalLoadBalancing: { enabled: true, type: "Traefik", traefik: { apiServerBindPort: 1 } },
        },
      },
      "localhost:7132",
      "localhost:1",
      true,
    ],
  ];
  for (const [spec, server, api, nodeLocal] of cases) {
    const targets = agentTargets(clusterConfigSchema(node).parse({ spec }));
    expect([
      `${targets.server.host}:${targets.server.port}`,
      `${targets.api.host}:${targets.api.port}`,
      targets.nodeLocal,
    ]).toEqual([server, api, nodeLocal]);
  }
});
