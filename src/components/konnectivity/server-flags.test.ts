import { expect, test } from "bun:test";
import { clusterConfigSchema } from "../../config/cluster-config.ts";
import { nodePaths } from "../../product/paths.ts";
import { konnectivityServerArgs } from "./server-flags.ts";

const node = { single: false, dataDir: "/var/lib/k0s", publicAddress: "192.0.2.10" };
const args = (spec: object, singleController = false): string[] =>
  konnectivityServerArgs({
    config: clusterConfigSchema(node).parse({ spec }),
    paths: nodePaths({ root: true }),
    logLevel: "1",
    serverId: "abc",
    singleController,
  });

test("agents are served on the configured ports, the API server through a socket, both with our own certificate", () => {
  expect(args({ konnectivity: { agentPort: 9132, adminPort: 9133 } })).toEqual(
    expect.arrayContaining([
      "--agent-port=9132",
      "--admin-port=9133",
      "--uds-name=/run/k0s/konnectivity-server/konnectivity-server.sock",
      "--cluster-key=/var/lib/k0s/pki/konnectivity.key",
      "--kubeconfig=/var/lib/k0s/pki/konnectivity.conf",
      "--server-id=abc",
    ]),
  );
});

test("agents find it on the API's address alone if that is all that the API has", () => {
  expect(args({}).join()).not.toContain("agent-bind-address");
  expect(args({ api: { onlyBindToAddress: true } })).toContain("--agent-bind-address=192.0.2.10");
});

test("servers are counted where there can be several", () => {
  expect(args({})).toContain("--enable-lease-controller=true");
  expect(args({}, true).join()).not.toContain("lease");
});
