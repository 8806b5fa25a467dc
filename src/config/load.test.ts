import { describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorMessage, UserError } from "../std/errors.ts";
import { configDefaultsFor } from "./cluster-config.ts";
import { loadClusterConfig, parseClusterConfig } from "./load.ts";
import { hostOutside } from "./rules/network-rule.ts";

const node = { single: false, dataDir: "/var/lib/k0s", publicAddress: "10.0.0.1", rules: [] };
const parse = (text: string, single = false) => parseClusterConfig(text, { ...node, single }).config;

/** Every problem of a text, one line each. */
function problems(text: string, single = false): string[] {
  try {
    parse(text, single);
  } catch (err) {
    if (err instanceof UserError) return err.message.split("\n");
    throw err;
  }
  return [];
}

describe("reading", () => {
  test.each([
    "",
    "# nothing\n",
    "---\n",
    "spec:",
    "spec: {}",
    "{}",
    "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig",
  ])("%p is the default configuration", (text) => expect(parse(text)).toEqual(configDefaultsFor(node)));

  test("sections that are null or partial get their defaults", () => {
    const config = parse(
      "spec:\n  api:\n    port: 7000\n    sans:\n  network:\n  storage: {etcd: {extraArgs: }}\n",
    );
    expect(config.spec.api).toMatchObject({ port: 7000, k0sApiPort: 9443, address: "10.0.0.1", sans: [] });
    expect(config.spec.network.provider).toBe("calico");
    expect(config.spec.storage).toMatchObject({
      type: "etcd",
      etcd: { peerAddress: "10.0.0.1", extraArgs: {} },
    });
  });

  test("--single means kine in the data directory, unless storage is given", () => {
    const single = { ...node, single: true, dataDir: "/data" };
    const storage = configDefaultsFor(single).spec.storage;
    expect(storage.type).toBe("kine");
    expect(storage.kine.dataSource).toBe("sqlite://file:/data/db/state.db?mode=rwc&_journal=WAL");
    expect(parse("spec: {storage: {type: etcd}}", true).spec.storage.type).toBe("etcd");
  });

  test("names of fields match whatever their case, free-form values stay as they are", () => {
    const config = parse(
      "spec: {Network: {kubeRouter: {MTU: 9000}}, workerProfiles: [{name: a, values: {maxPods: 5}}]}",
    );
    expect(config.spec.network.kuberouter.mtu).toBe(9000);
    expect(config.spec.workerProfiles).toEqual([{ name: "a", values: { maxPods: 5 } }]);
  });

  test("empty optional texts mean not set; flags without a value are empty", () => {
    const { api } = parse('spec: {api: {externalAddress: "", extraArgs: {v: }}}').spec;
    expect([api.externalAddress, api.extraArgs]).toEqual([undefined, { v: "" }]);
  });

  test("what earlier releases had is taken and dropped", () => {
    expect(
      problems(
        "spec: {podSecurityPolicy: {a: 1}, telemetry: {interval: 1m}, extensions: {storage: {type: x}}}",
      ),
    ).toEqual([]);
  });
});

describe("files", () => {
  test("missing, unreadable, empty standard input", async () => {
    const dir = await mkdtemp(join(tmpdir(), "k0s-config-"));
    try {
      const missing = join(dir, "none.yaml");
      expect(await loadClusterConfig({ ...node, path: missing }).catch(errorMessage)).toContain(
        `cannot read the configuration ${missing}: no such file`,
      );
      await mkdir(join(dir, "folder"));
      expect(await loadClusterConfig({ ...node, path: join(dir, "folder") }).catch(errorMessage)).toContain(
        "is a directory",
      );
      expect(
        await loadClusterConfig({ ...node, path: "-", stdin: () => Promise.resolve("\n") }).catch(
          errorMessage,
        ),
      ).toContain("standard input is empty");
      expect(
        await loadClusterConfig({ ...node, path: "-", stdin: () => Promise.resolve("spec: 1") }).catch(
          errorMessage,
        ),
      ).toContain("stdin:1:7  spec: ");
      const file = join(dir, "k0s.yaml");
      await writeFile(file, Buffer.from("# Gr\xfc\xdfe\nspec: {}\n", "latin1"));
      expect(await loadClusterConfig({ ...node, path: file }).catch(errorMessage)).toContain(
        `${file}:1: is not UTF-8 text: the byte 0xfc`,
      );
      await writeFile(file, "spec: {api: {port: 1234}}");
      expect((await loadClusterConfig({ ...node, path: file })).config.spec.api.port).toBe(1234);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});

describe("problems", () => {
  test("are reported together, in the order of the file, with line and column", () => {
    const text = [
      "apiVersion: v1",
      "spec:",
      "  extensions: {helm: {chart: []}}",
      "  api:",
      "    port: 70000",
      "    address: 10.0.0.300",
      "  network:",
      '    podCIDR: "10.64.0.0/10"',
      "    provider: calcio",
    ].join("\n");
    expect(problems(text)).toEqual([
      "the configuration has 6 mistakes:",
      'k0s.yaml:1:13  apiVersion: "v1" must be k0s.k0sproject.io/v1beta1',
      'k0s.yaml:3:23  spec.extensions.helm.chart: unknown field; did you mean "charts"?',
      "k0s.yaml:5:11  spec.api.port: 70000 is too large; at most 65535",
      'k0s.yaml:6:14  spec.api.address: "10.0.0.300" is not an IP address',
      'k0s.yaml:8:14  spec.network.podCIDR: "10.64.0.0/10" overlaps serviceCIDR 10.96.0.0/12; use a range outside of it',
      'k0s.yaml:9:15  spec.network.provider: "calcio" is not calico, kuberouter or custom; did you mean "calico"?',
    ]);
  });

  const shapes: [string, string][] = [
    ["[]", "k0s.yaml:1:1  expected a mapping, got a list"],
    ["foo", 'k0s.yaml:1:1  expected a mapping, got the string "foo"'],
    ["a: 1\na: 2", "k0s.yaml:2:1  duplicate key"],
    ["spec: {}\n---\nspec: {}", "k0s.yaml: holds 2 documents"],
    ["kind: Pod", 'k0s.yaml:1:7  kind: "Pod" must be ClusterConfig'],
    ["spec: {api: {port: 1}, API: {}}", 'k0s.yaml:1:24  spec.API: is the same field as "api"; keep one'],
    ["metadata: {nam: x}", 'metadata.nam: unknown field; did you mean "name"?'],
    ["foo: 1", "foo: unknown field; known here: apiVersion, kind, metadata, spec, status"],
  ];
  test.each(shapes)("%p", (text, message) => expect(problems(text).join("\n")).toContain(message));

  // One bad field each: `spec` as flow YAML, and what the error says.
  const fields: [string, string][] = [
    ["api: {address: 0.0.0.0}", 'spec.api.address: "0.0.0.0" means every address'],
    ["api: {address: host}", "is not an IP address"],
    ["api: {externalAddress: '::'}", "means every address"],
    ["api: {externalAddress: 'lb:99999'}", "is not a host or host:port"],
    ["api: {port: 0}", "0 is too small; at least 1"],
    ["api: {port: '6443'}", 'expected a number, got the string "6443"'],
    [
      "api: {sans: [ok.example, 'no good']}",
      'spec.api.sans[1]: "no good" is neither an IP address nor a DNS name',
    ],
    [
      "api: {extraArgs: {v: 5}}",
      "spec.api.extraArgs.v: expected a string, got the number 5; put it in quotes",
    ],
    ["api: {extraArgs: {--v: '5'}}", 'spec.api.extraArgs["--v"]: write the flag without dashes: "v"'],
    ["api: {rawArgs: --v=5}", "expected a list, got the string"],
    ["api: {ca: {expiresAfter: 1y}}", '"1y" is not a duration'],
    ["api: {ca: {expiresAfter: 0s}}", "must be longer than nothing"],
    ["storage: {type: mysql}", '"mysql" is not etcd or kine'],
    ["storage: {kine: {dataSource: foo}}", "is not <backend>://<address>"],
    ["storage: {etcd: {externalCluster: {endpoints: [], etcdPrefix: a}}}", "needs at least 1 entry"],
    ["storage: {etcd: {externalCluster: {endpoints: ['']}}}", "endpoints[0]: must not be empty"],
    ["storage: {etcd: {externalCluster: {endpoints: ['https://a']}}}", "etcdPrefix: is required"],
    ["storage: {etcd: {externalCluster: {endpoints: [a], etcdPrefix: b}}}", '"a" is not a URL of etcd'],
    ["storage: {type: kine, kine: {dataSource: 'postgres://u:p@ss/w@h/d'}}", "percent-encoded"],
    [
      "storage: {type: kine, kine: {dataSource: 'mysql://u:pw@h:3306/d'}}",
      "mysql://user:password@tcp(host:port)",
    ],
    [
      "storage: {type: kine, kine: {extraArgs: {endpoint: 'postgres://a'}}}",
      "every user of the host could read it",
    ],
    [
      "storage: {etcd: {externalCluster: {endpoints: ['https://a'], etcdPrefix: b, caFile: c}}}",
      "clientCertFile and clientKeyFile missing",
    ],
    ["network: {podCIDR: 10.244.0.0}", "is not a network in CIDR notation"],
    ["network: {podCIDR: 10.244.0.0/28}", "too small; every node needs a /24"],
    ["network: {serviceCIDR: 10.96.0.0/30}", "too small; a prefix of at most 29"],
    ["network: {podCIDR: 'fd00::/64'}", "is not of the same address family as serviceCIDR"],
    ["network: {podCIDR: 'fd00::/64', serviceCIDR: 'fd01::/120'}", "has a prefix of at most 108"],
    ["network: {clusterDomain: 'a b'}", "is not a DNS name"],
    ["network: {primaryAddressFamily: IPv6}", "IPv6 needs an IPv6 address in spec.api.address"],
    ["network: {primaryAddressFamily: ipv4}", 'did you mean "IPv4"?'],
    ["network: {dualStack: {enabled: true}}", "IPv6podCIDR: is required for dual stack"],
    [
      "network: {dualStack: {enabled: true, IPv6podCIDR: 10.0.0.0/16, IPv6serviceCIDR: 'fd01::/108'}}",
      "must be an IPv6 network",
    ],
    [
      "network: {dualStack: {enabled: true, IPv6podCIDR: 'fd00::/64', IPv6serviceCIDR: 'fd01::/108'}}",
      "too large to be dealt out in shares of /117; a prefix from 101 to 117",
    ],
    ["network: {kubeProxy: {mode: userspace}}", "was removed from Kubernetes"],
    ["network: {kubeProxy: {nodePortAddresses: [eth0]}}", '"eth0" is neither a network'],
    ["network: {kubeProxy: {metricsBindAddress: 10249}}", "expected a string, got the number 10249"],
    ["network: {kubeProxy: {metricsBindAddress: '10.0.0.1'}}", "is not host:port"],
    ["network: {kuberouter: {hairpin: Yes}}", "expected Enabled, Allowed or Disabled, got the boolean true"],
    ["network: {calico: {vxlanVNI: 0}}", "0 is too small"],
    [
      "network: {nodeLocalLoadBalancing: {enabled: true}}, api: {externalAddress: lb}",
      "cannot be used together with spec.api.externalAddress",
    ],
    [
      "network: {controlPlaneLoadBalancing: {enabled: true, keepalived: {vrrpInstances: [{virtualIPs: [10.0.0.9/24]}]}}}",
      "authPass: is required",
    ],
    [
      "network: {controlPlaneLoadBalancing: {enabled: true, keepalived: {vrrpInstances: [{virtualIPs: [10.0.0.9/24], authPass: a, unicastPeers: [10.0.0.2]}]}}}",
      "needs unicastSourceIP",
    ],
    [
      "network: {controlPlaneLoadBalancing: {enabled: true, keepalived: {vrrpInstances: [{virtualIPs: [10.0.0.9/24], authPass: a, unicastPeers: [10.0.0.2], unicastSourceIP: 10.0.0.2}]}}}",
      "this node itself",
    ],
    ["images: {coredns: {version: 'a b'}}", "is not a tag"],
    ["images: {coredns: {image: ' x'}}", "without blanks"],
    ["images: {default_pull_policy: always}", 'did you mean "Always"?'],
    ["workerProfiles: [{name: A}]", "is not a DNS label"],
    ["workerProfiles: [{values: {}}]", "workerProfiles[0].name: is required"],
    ["workerProfiles: [{name: a}, {name: a}]", 'workerProfiles[1].name: "a" is there twice'],
    ["workerProfiles: [{name: a, values: {clusterDNS: []}}]", "the cluster decides it"],
    ["workerProfiles: [{name: a, values: {kind: Pod}}]", '"Pod" must be KubeletConfiguration'],
    [
      "workerProfiles: [{name: a, values: {maxPod: 5}}]",
      'unknown field of KubeletConfiguration; did you mean "maxPods"?',
    ],
    ["workerProfiles: [{name: a, values: {maxPods: '5'}}]", 'expected a whole number, got "5"'],
    ["workerProfiles: [{name: a, values: {imageGCHighThresholdPercent: 101}}]", "out of range: 0 to 100"],
    [
      "workerProfiles: [{name: a, values: {evictionHard: {memory.available: 5}}}]",
      "expected a mapping of strings",
    ],
    ["featureGates: [{name: A}]", "enabled: is required"],
    ["featureGates: [{name: A, enabled: true}, {name: A, enabled: false}]", '"A" is there twice'],
    ["featureGates: [{name: A, enabled: true, components: [kubelt]}]", 'did you mean "kubelet"?'],
    ["extensions: {helm: {charts: [{name: A_B, chartname: a/b, namespace: c}]}}", "is not a release name"],
    [
      "extensions: {helm: {charts: [{name: a, chartname: a/b, namespace: c, timeout: soon}]}}",
      "neither a duration",
    ],
    [
      "extensions: {helm: {charts: [{name: a, chartname: a/b, namespace: c, values: '[1]'}]}}",
      "must hold a YAML mapping",
    ],
    ["extensions: {helm: {repositories: [{name: a}]}}", "repositories[0].url: is required"],
    [
      "extensions: {helm: {charts: [{name: a, chartname: b/c, namespace: d}]}}",
      'charts[0].chartname: there is no repository "b" in spec.extensions.helm.repositories',
    ],
    ["extensions: {helm: {charts: [{name: a, chartname: b, namespace: d}]}}", '"b" is no chart'],
    [
      "extensions: {helm: {charts: [{name: a, chartname: /b.tgz, namespace: d, valuesFrom: [{kind: Secret}]}]}}",
      "charts[0].valuesFrom[0].name: is required",
    ],
    [
      "extensions: {helm: {repositories: [{name: a, url: 'https://u:p@b', configFrom: {secretRef: {name: s}}}]}}",
      "repositories[0].configFrom: stands beside a user or a password; keep one",
    ],
    [
      "extensions: {helm: {repositories: [{name: a, url: 'oci://b/c'}]}}",
      "repositories[0].url: a registry is oci://host or oci://host:port, without a path",
    ],
    [
      "metricsServer: {patches: [{target: {kind: A, name: b}, patch: {type: JSON, content: '{}'}}]}",
      "a list of JSON Patch operations",
    ],
    [
      "metricsServer: {patches: [{target: {kind: A}, patch: {type: JSON, content: '[]'}}]}",
      "target.name: is required",
    ],
    ["api: {address: 10.244.1.5}", '"10.244.0.0/16" holds 10.244.1.5, an address of this host'],
    ["storage: {etcd: {peerAddress: 10.96.0.9}}", '"10.96.0.0/12" holds 10.96.0.9, an address of this host'],
    ["storage: {etcd: {extraArgs: {name: my_member}}}", 'extraArgs.name: "my_member" is not a DNS name'],
    ["telemetry: {enabled: 'yes'}", "expected true or false"],
    ["controllerManager: {extraArg: {}}", 'did you mean "extraArgs"?'],
  ];
  test.each(fields)("%s", (spec, message) => {
    const found = problems(`spec: {${spec}}`).join("\n");
    expect(found).toContain(message);
  });

  test("with a network of one's own, pods may live where the hosts do", () => {
    expect(problems("spec: {api: {address: 10.244.1.5}, network: {provider: custom}}")).toEqual([]);
  });

  test("a cluster that is there keeps the networks that it has, also around its hosts", () => {
    const text = "spec: {api: {address: 10.100.3.4}, storage: {etcd: {peerAddress: 10.244.1.5}}}";
    expect(problems(text)).toHaveLength(3);
    const { config } = parseClusterConfig(text, { ...node, clusterExists: true });
    expect(hostOutside(config).map(({ path }) => path.at(-1))).toEqual(["podCIDR", "serviceCIDR"]);
  });

  test("one wrong field makes one problem", () => {
    for (const [spec] of fields.filter(([, message]) => message.includes("CIDR notation"))) {
      expect(problems(`spec: {${spec}}`)).toHaveLength(1);
    }
  });

  test("only with --single", () => {
    const balanced = "spec: {network: {nodeLocalLoadBalancing: {enabled: true}}}";
    expect(problems(balanced)).toEqual([]);
    expect(problems(balanced, true)[0]).toContain("cannot be used with --single");
  });

  test("a mask given to kube-controller-manager allows small pod networks", () => {
    const text =
      "spec: {network: {podCIDR: 10.244.0.0/26}, controllerManager: {extraArgs: {node-cidr-mask-size: '28'}}}";
    expect(problems(text)).toEqual([]);
  });
});
