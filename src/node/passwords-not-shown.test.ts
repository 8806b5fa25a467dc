// The audit of secrets: whatever of a configuration can be a password is looked for in all that others get to see: status,
// complaints, argument lists, objects of the cluster. Tokens: src/token/shown-arguments.test.ts, src/cli/token/pre-shared.test.ts.

import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { clusterConfigSchema, type ClusterConfig } from "../config/cluster-config.ts";
import { parseClusterConfig } from "../config/load.ts";
import { nodePaths } from "../product/paths.ts";
import { withoutSecrets } from "../config/without-secrets.ts";
import { etcdArgs } from "../components/etcd/flags.ts";
import { kineArgs } from "../components/kine/flags.ts";
import { kubeApiserverArgs } from "../components/kube-apiserver/flags.ts";
import { kubeControllerManagerArgs } from "../components/kube-controller-manager/flags.ts";
import { kubeSchedulerArgs } from "../components/kube-scheduler/flags.ts";
import { everyAddon } from "../roles/testdata/every-addon.ts";
import { workerConfig } from "../components/worker-config/manifest.ts";
import { dumpYaml } from "../std/yaml.ts";
import { encodeJoinToken } from "../token/join-token.ts";
import { readJoinToken } from "../token/read-token.ts";
import { anchor } from "../std/testdata/anchors.ts";

const defaults = { single: false, dataDir: "/d", publicAddress: "10.0.0.1" };
const paths = nodePaths({ dataDir: "/d" });

/** Every place of the configuration that takes a secret; `%` is where it stands. */
const places = {
  "VRRP's password": {
    network: {
      controlPlaneLoadBalancing: {
        enabled: true,
        keepalived: { vrrpInstances: [{ virtualIPs: ["10.0.0.9/24"], authPass: "%" }] },
      },
    },
  },
  "PostgreSQL's password": {
    storage: { type: "kine", kine: { dataSource: "postgres://k0s:%@db/k0s?sslmode=disable" } },
  },
  "PostgreSQL's password as a parameter": {
    storage: { type: "kine", kine: { dataSource: "postgres://k0s@db/k0s?password=%" } },
  },
  "MySQL's password": { storage: { type: "kine", kine: { dataSource: "mysql://k0s:%@tcp(db:3306)/k0s" } } },
  "NATS's password": { storage: { type: "kine", kine: { dataSource: "nats://k0s:%@nats:4222?noEmbed" } } },
  "a password with an @ in it": {
    storage: { type: "kine", kine: { dataSource: "nats://k0s:x@%@nats:4222?noEmbed" } },
  },
  "the password of a server that is not in use": {
    storage: { type: "etcd", kine: { dataSource: "postgres://k0s:%@db/k0s" } },
  },
  "Helm's password": {
    extensions: { helm: { repositories: [{ name: "a", url: "https://a", username: "u", password: "%" }] } },
  },
  "a password in a URL": {
    extensions: { helm: { repositories: [{ name: "a", url: "https://u:%@a/charts" }] } },
  },
} as const;

function specWith(place: keyof typeof places, secret: string): unknown {
  return JSON.parse(JSON.stringify(places[place]).replaceAll("%", secret));
}

function configWith(place: keyof typeof places, secret: string): ClusterConfig {
  return clusterConfigSchema(defaults).parse({ spec: specWith(place, secret) });
}

/** Eight characters, which VRRP takes too, and unlike anything else. */
const secret = fc.stringMatching(/^Z[A-Za-z0-9]{3}q9[A-Za-z0-9]{2}$/);

function everythingShown(config: ClusterConfig): string {
  const level = { logLevel: "1" };
  const args = [
    ...kubeApiserverArgs({
      config,
      paths,
      ...level,
      konnectivity: true,
      foreignEndpoints: false,
      stopTimeoutMs: 9_000,
    }),
    ...kubeControllerManagerArgs({ config, paths, ...level, cliExtraArgs: {}, singleController: false }),
    ...kubeSchedulerArgs({ config, paths, ...level, singleController: false }),
    ...kineArgs(config, paths),
    ...etcdArgs({ config, paths, memberName: "c1", logLevel: "info" }),
  ];
  const objects = [
    ...workerConfig({
      config,
      apiServers: ["10.0.0.1:6443"],
      k0sVersion: "v1.37.2+k0s.0",
      konnectivity: true,
      autopilot: false,
    }),
    ...everyAddon(config),
  ];
  // What `k0s status` shows of a configuration.
  return JSON.stringify([args, objects, withoutSecrets(config)]);
}

for (const place of Object.keys(places) as (keyof typeof places)[]) {
  test(`${place} is in no status, no argument list and no object of the cluster`, () => {
    fc.assert(
      fc.property(secret, (text) => {
        const config = configWith(place, text);
        expect(JSON.stringify(config)).toContain(text);
        expect(everythingShown(config)).not.toContain(text);
      }),
      { numRuns: 10 },
    );
  });

  /** Each makes the whole unusable, with the secret at the place itself or elsewhere. */
  const spoilt: Readonly<Record<string, (spec: string) => string>> = {
    "too long": (spec) => spec.replace("%", "%%%%"),
    "with blanks": (spec) => spec.replace("%", "% %"),
    "as a list": (spec) => spec.replace(/"([^"]*%[^"]*)"/, '["$1"]'),
    "as a mapping": (spec) => spec.replace(/"([^"]*%[^"]*)"/, '{"x":"$1"}'),
    "under another name": (spec) => spec.replace(/"(\w+)":("[^"]*%[^"]*")/, '"$1s":$2'),
    twice: (spec) => spec.replace(/"(\w+)":("[^"]*%[^"]*")/, '"$1":$2,"$1":$2'),
    "beside a mistake": (spec) => spec.replace(/\}$/, ',"api":{"port":0}}'),
  };
  test.each(Object.keys(spoilt))(`no complaint repeats ${place} (%s)`, (how) => {
    const spec = spoilt[how]?.(JSON.stringify(places[place])).replaceAll("%", "Zx7q9kLm") ?? "";
    try {
      parseClusterConfig(`{"spec":${spec}}`, defaults);
    } catch (err) {
      expect(`${String(err)} ${JSON.stringify(err)}`).not.toContain("Zx7q9kLm");
    }
  });
}

test("a number for a password is refused without repeating it", () => {
  for (const place of ["VRRP's password", "Helm's password"] as const) {
    const text = dumpYaml({ spec: specWith(place, "31415926") }).replace(/'31415926'/, "31415926");
    expect(() => parseClusterConfig(text, defaults)).toThrow("got the number xxxxx");
  }
});

test("a URL of etcd with a password in it is refused without repeating it", () => {
  const external = { endpoints: ["https://u:Zx7q9kLm@10.0.0.5:2379"], etcdPrefix: "/k" };
  const text = dumpYaml({ spec: { storage: { etcd: { externalCluster: external } } } });
  expect(() => parseClusterConfig(text, defaults)).toThrow("https://u:xxxxx@10.0.0.5:2379");
});

test("a token where a file should be named is not repeated", async () => {
  const token = encodeJoinToken({
    server: "https://10.0.0.1:6443",
    ca: anchor,
    token: "abcdef.0123456789abcdef",
    role: "worker",
    expires: undefined,
  });
  const path = `/root/${token}`;
  const failure = await readJoinToken({ kind: "file", path }, "worker").catch(String);
  expect(failure).toContain("--token-file names no file");
  expect(failure).not.toContain(token.slice(0, 20));
});
