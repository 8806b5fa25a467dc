import { describe, expect, test } from "bun:test";
import { type ClusterConfig, configDefaultsFor } from "../../config/cluster-config.ts";
import { parseClusterConfig } from "../../config/load.ts";
import { errorMessage } from "../../std/errors.ts";
import type { ControllerFacts } from "../../components/controller-facts.ts";
import { workerFactsOf } from "../../components/worker-facts.ts";
import { controllerRole } from "../controller.ts";
import { collide, type PlannedPort, portsOf } from "./ports.ts";
import { nodeRules } from "./rules.ts";
import { workerRole } from "../worker.ts";

const node = { single: false, dataDir: "/var/lib/k0s", publicAddress: "10.0.0.1" };
const defaults = configDefaultsFor(node);
const none = new Set<string>();

function withSpec(change: Partial<ClusterConfig["spec"]>): ClusterConfig {
  return { ...defaults, spec: { ...defaults.spec, ...change } };
}

const texts = (ports: readonly PlannedPort[]): string[] =>
  ports.map(({ process, port, address = "*" }) => `${process} ${address}:${port}`);

const controllerPorts = (facts: Partial<ControllerFacts> = {}): string[] =>
  texts(
    portsOf(controllerRole, {
      config: defaults,
      single: false,
      disabledComponents: none,
      kubeControllerManagerExtraArgs: {},
      ...facts,
    }),
  );

const kubeletPorts = (config: ClusterConfig, profile: string, kubeletExtraArgs = {}): string[] =>
  texts(
    portsOf(
      workerRole,
      workerFactsOf(config, { profile, kubeletExtraArgs, disabledComponents: none, criSocket: undefined }),
    ),
  ).filter((text) => text.startsWith("kubelet"));

test("a start asks for the ports of the profile that the node has", () => {
  const config = withSpec({
    workerProfiles: [{ name: "a", values: { healthzPort: 11_248, readOnlyPort: 10_255 } }],
  });
  expect(kubeletPorts(config, "default")).toEqual(["kubelet *:10250", "kubelet 127.0.0.1:10248"]);
  expect(kubeletPorts(config, "a")).toEqual([
    "kubelet *:10250",
    "kubelet *:10255",
    "kubelet 127.0.0.1:11248",
  ]);
});

test("--kubelet-extra-args moves kubelet's ports, as it moves the place where it is asked for its health", () => {
  const moved = { "healthz-port": "11248", "healthz-bind-address": "0.0.0.0", port: "11250" };
  expect(kubeletPorts(defaults, "default", moved)).toEqual(["kubelet *:11250", "kubelet 0.0.0.0:11248"]);
});

test("an endpoint that is switched off needs no port", () => {
  const config = withSpec({ workerProfiles: [{ name: "a", values: { healthzPort: 0 } }] });
  expect(kubeletPorts(config, "a")).toEqual(["kubelet *:10250"]);
  const scheduler = { ...defaults.spec.scheduler, extraArgs: { "secure-port": "0" } };
  expect(controllerPorts({ config: withSpec({ scheduler }) }).join()).not.toContain("kube-scheduler");
});

test("what does not run needs no port", () => {
  expect(controllerPorts()).toContain("etcd 127.0.0.1:2379");
  const kine = withSpec({ storage: { ...defaults.spec.storage, type: "kine" } });
  expect(controllerPorts({ config: kine })).not.toContain("etcd 127.0.0.1:2379");
  expect(controllerPorts({ config: kine })).toContain("kine 127.0.0.1:2380");
  expect(controllerPorts({ single: true }).join()).not.toMatch(/konnectivity|control-api/);
});

test("what --disable-components leaves out needs no port", () => {
  const out = ["kube-scheduler", "kube-controller-manager", "control-api", "konnectivity-server"];
  expect(controllerPorts({ disabledComponents: new Set(out) })).toEqual([
    "etcd 127.0.0.1:2379",
    "etcd 10.0.0.1:2380",
    "kube-apiserver *:6443",
  ]);
});

test("arguments of a user move a port, and later ones win", () => {
  const manager = { ...defaults.spec.controllerManager, extraArgs: { "secure-port": "20257" } };
  const scheduler = { ...defaults.spec.scheduler, rawArgs: ["--secure-port=20259", "--bind-address", "::"] };
  const ports = controllerPorts({
    config: withSpec({ controllerManager: manager, scheduler }),
    kubeControllerManagerExtraArgs: { "secure-port": "1", "bind-address": "10.0.0.1" },
  });
  expect(ports).toContain("kube-controller-manager 10.0.0.1:20257");
  expect(ports).toContain("kube-scheduler :::20259");
});

test("an argument that is empty is as if it were not given", () => {
  const manager = { ...defaults.spec.controllerManager, extraArgs: { "bind-address": "" } };
  const ports = controllerPorts({
    config: withSpec({ controllerManager: manager }),
    kubeControllerManagerExtraArgs: { "bind-address": "10.0.0.1" },
  });
  expect(ports).toContain("kube-controller-manager 127.0.0.1:10257");
});

test("ports collide where addresses overlap", () => {
  const at = (address?: string) => ({ port: 1, process: "p", ...(address === undefined ? {} : { address }) });
  expect(collide(at(), at("127.0.0.1"))).toBe(true);
  expect(collide(at("::"), at("127.0.0.1"))).toBe(true);
  expect(collide(at("10.0.0.1"), at("127.0.0.1"))).toBe(false);
  expect(collide(at("fd00:0::1"), at("fd00::1"))).toBe(true);
  expect(collide(at(), { port: 2, process: "p" })).toBe(false);
});

describe("config validate", () => {
  // `spec` as flow YAML, and what the error says.
  const refused: [string, string][] = [
    ["api: {k0sApiPort: 6443}", "6443 is taken: it is the port of spec.api.port"],
    ["api: {port: 2380}", "spec.api.port: 2380 is taken: it is the port of etcd"],
    ["api: {port: 10248}", "spec.api.port: 10248 is taken: it is the port of kubelet"],
    [
      "api: {port: 10249}",
      "spec.api.port: 10249 is taken: it is the port of spec.network.kubeProxy.metricsBindAddress",
    ],
    [
      "api: {port: 10256}",
      "spec.api.port: 10256 is taken: it is the port of spec.network.kubeProxy.healthzBindAddress",
    ],
    ["api: {port: 9099}", "spec.api.port: 9099 is taken: it is the port of calico-node"],
    ["konnectivity: {agentPort: 8133}", "8133 is taken"],
    ["konnectivity: {agentPort: 8092}", "8092 is taken: it is the port of konnectivity-server"],
    [
      "network: {kubeProxy: {healthzBindAddress: '0.0.0.0:6443'}}",
      "spec.network.kubeProxy.healthzBindAddress: 6443 is taken: it is the port of spec.api.port",
    ],
    [
      "network: {kubeProxy: {metricsBindAddress: '127.0.0.1:10248'}}",
      "spec.network.kubeProxy.metricsBindAddress: 10248 is taken: it is the port of kubelet",
    ],
    [
      "network: {nodeLocalLoadBalancing: {enabled: true, envoyProxy: {apiServerBindPort: 10250}}}",
      "envoyProxy.apiServerBindPort: 10250 is taken: it is the port of kubelet",
    ],
    [
      "workerProfiles: [{name: a, values: {healthzPort: 6443}}]",
      "spec.workerProfiles[0].values.healthzPort: 6443 is taken: it is the port of spec.api.port",
    ],
    [
      "scheduler: {extraArgs: {secure-port: '10257'}}",
      "spec.scheduler.extraArgs.secure-port: 10257 is taken: it is the port of kube-controller-manager",
    ],
  ];
  const check = (spec: string): string => {
    try {
      parseClusterConfig(`spec: {${spec}}`, { ...node, rules: nodeRules });
      return "";
    } catch (err) {
      return errorMessage(err);
    }
  };
  test.each(refused)("%s", (spec, message) => expect(check(spec)).toContain(message));

  test.each([
    "",
    "api: {port: 10259}, scheduler: {extraArgs: {secure-port: '20259'}}",
    "api: {port: 2380}, storage: {etcd: {externalCluster: {endpoints: ['https://a'], etcdPrefix: b}}}",
    "api: {port: 9099}, network: {provider: kuberouter}",
  ])("takes %p", (spec) => expect(check(spec)).toBe(""));
});

test("the balancer behind a virtual address has its port, or none where it is off", () => {
  const ports = (keepalived: object): string[] =>
    controllerPorts({
      config: parseClusterConfig(
        JSON.stringify({
          spec: {
            network: {
              controlPlaneLoadBalancing: {
                enabled: true,
                keepalived: {
                  vrrpInstances: [{ virtualIPs: ["10.0.0.9/24"], authPass: "a" }],
                  ...keepalived,
                },
              },
            },
          },
        }),
        node,
      ).config,
    }).filter((text) => text.startsWith("the load balancer"));
  expect(ports({})).toEqual(["the load balancer *:6444"]);
  expect(ports({ userSpaceProxyBindPort: 7444 })).toEqual(["the load balancer *:7444"]);
  expect(ports({ disableLoadBalancer: true })).toEqual([]);
});
