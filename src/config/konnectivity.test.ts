import { expect, test } from "bun:test";
import { clusterConfigSchema } from "./cluster-config.ts";
import { agentTargets } from "./konnectivity.ts";

const node = { single: false, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.10" };
const balanced = { nodeLocalLoadBalancing: { enabled: true } };
const traefik = {
  nodeLocalLoadBalancing: { enabled: true, type: "Traefik", traefik: { apiServerBindPort: 1 } },
};

test("agents go to the address that the configuration gives, the nearest first", () => {
  const cases: [object, string, number | undefined][] = [
    [{}, "192.0.2.10:8132", undefined],
    [{ konnectivity: { agentPort: 9132 } }, "192.0.2.10:9132", undefined],
    [{ api: { externalAddress: "lb.example:443" } }, "lb.example:8132", undefined],
    [{ api: { externalAddress: "lb.example" } }, "lb.example:8132", undefined],
    [{ konnectivity: { externalAddress: "k.example:99" } }, "k.example:99", undefined],
    [{ konnectivity: { externalAddress: "k.example" }, network: balanced }, "k.example:8132", undefined],
    [{ network: balanced }, "localhost:7132", 7443],
    [{ network: traefik }, "localhost:7132", 1],
  ];
  for (const [spec, server, apiPort] of cases) {
    const targets = agentTargets(clusterConfigSchema(node).parse({ spec }));
    expect([`${targets.server.host}:${targets.server.port}`, targets.nodeLocalApi?.port]).toEqual([
      server,
      apiPort,
    ]);
  }
});
