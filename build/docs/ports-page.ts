// docs/ports.md from the declarations of components: where each listens, and which field moves it.

import type { ControllerFacts } from "../../src/components/controller-facts.ts";
import { workerFactsOf } from "../../src/components/worker-facts.ts";
import { type ClusterConfig, configDefaultsFor } from "../../src/config/cluster-config.ts";
import { pathText } from "../../src/config/problem.ts";
import { controllerRole } from "../../src/roles/controller.ts";
import { laterPortsOf, type PlannedPort, portsOf } from "../../src/roles/folds/ports.ts";
import type { Roles } from "../../src/roles/folds/port-rule.ts";
import { workerRole } from "../../src/roles/worker.ts";

const intro = `# Ports

TCP ports on which the processes of a node listen, with their defaults. \`*\` means all addresses, or \`spec.api.address\` alone with \`spec.api.onlyBindToAddress\`; \`address\` is the host's own. A start names a port that is taken and what has it; \`k0s config validate\` names fields that give two processes one port. Ports of \`secure-port\` and the like in \`extraArgs\` count.

This page is made from what components declare (\`UPDATE_GOLDEN=1 bun test build/docs\`).
`;

const address = "192.0.2.1";
const defaults = configDefaultsFor({ single: false, dataDir: "/var/lib/k0s", publicAddress: address });
const disabledComponents = new Set<string>();

const defaultRoles: Roles = { controller: controllerRole, worker: workerRole };

/** Of a controller with the defaults, unless another configuration is given. */
export function documentedControllerPorts(
  { controller }: Pick<Roles, "controller"> = defaultRoles,
  config = defaults,
  flags: Pick<ControllerFacts, "k0sCloudProvider"> = {},
): readonly PlannedPort[] {
  return portsOf(controller, {
    config,
    single: false,
    disabledComponents,
    kubeControllerManagerExtraArgs: {},
    ...flags,
  });
}

export function portsPage(roles: Roles = defaultRoles): string {
  const options = { disabledComponents, profile: "default", kubeletExtraArgs: {}, criSocket: undefined };
  const worker = portsOf(roles.worker, workerFactsOf(defaults, options));
  const later = variants.flatMap((config) => laterPortsOf([...roles.controller, ...roles.worker], config));
  return [
    intro,
    ...section(
      "Controller",
      variants.flatMap((config) => documentedControllerPorts(roles, config, everyFlag)),
    ),
    "kine is there instead of etcd, the load balancer with `spec.network.controlPlaneLoadBalancing`, k0s on 10258 with `--enable-k0s-cloud-provider`; `--k0s-cloud-provider-port` moves that.\n",
    ...section("Node that runs pods", worker),
    ...section("Node that runs pods, by network provider and with load balancing on the node", later),
  ].join("\n");
}

const everyFlag = { k0sCloudProvider: { port: 10_258 } };

/** The defaults, and what is off by default or excludes it. */
const variants: readonly ClusterConfig[] = [defaults, withEverythingElse(defaults)];

function withEverythingElse({ spec, ...config }: ClusterConfig): ClusterConfig {
  const { network, storage } = spec;
  const { nodeLocalLoadBalancing, controlPlaneLoadBalancing: balancing } = network;
  // Its addresses do not matter here, only that there is one.
  const vrrpInstances = [{}] as unknown as typeof balancing.keepalived.vrrpInstances;
  const keepalived = { ...balancing.keepalived, vrrpInstances };
  return {
    ...config,
    spec: {
      ...spec,
      storage: { ...storage, type: "kine" },
      network: {
        ...network,
        provider: "kuberouter",
        nodeLocalLoadBalancing: { ...nodeLocalLoadBalancing, enabled: true },
        controlPlaneLoadBalancing: { ...balancing, enabled: true, keepalived },
      },
    },
  };
}

function section(title: string, ports: readonly PlannedPort[]): string[] {
  const rows = ports.map(
    ({ process, setting, ...port }) =>
      `| ${process} | ${listenText(port)} | ${setting === undefined ? "" : `\`${pathText(setting)}\``} |`,
  );
  return [
    `## ${title}\n`,
    "| process | listens on | moved by |",
    "| --- | --- | --- |",
    ...new Set(rows),
    "",
  ];
}

/** `*:6443`, `address:2380`, `127.0.0.1:10257`. */
export function listenText({ port, address: at = "*" }: Pick<PlannedPort, "port" | "address">): string {
  return `${at === address ? "address" : at}:${port}`;
}
