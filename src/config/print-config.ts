// A configuration as `config create` prints it: keys in order, empty and unused sections left out.
// Upstream: cmd/config/create.go.

import { isDeepStrictEqual } from "node:util";
import { dumpYaml } from "../std/yaml.ts";
import { type ClusterConfig, configDefaultsFor } from "./cluster-config.ts";
import type { NodeDefaults } from "./schema/node-defaults.ts";
import { isMapping } from "../std/mapping.ts";

export interface PrintConfigOptions {
  readonly includeImages?: boolean;
}

/** The default configuration of a node, as YAML. */
export function defaultConfigYaml(defaults: NodeDefaults, options: PrintConfigOptions = {}): string {
  return configYaml(configDefaultsFor(defaults), options);
}

/** YAML that reads back as the same configuration (but for images that are left out). */
export function configYaml(config: ClusterConfig, options: PrintConfigOptions = {}): string {
  return dumpYaml(printableConfig(config, options), { sortKeys: true });
}

/** The same as data. */
function printableConfig(config: ClusterConfig, options: PrintConfigOptions = {}): Record<string, unknown> {
  const { storage, network, images, ...rest } = config.spec;
  const spec: Record<string, unknown> = {
    ...rest,
    storage: { ...storage, [storage.type === "etcd" ? "kine" : "etcd"]: undefined },
    network: printableNetwork(network),
    images: options.includeImages === true ? images : undefined,
  };
  const pruned = prune({ ...config, status: undefined, spec }, []) ?? {};
  const printedSpec = asMapping(pruned["spec"]);
  // Upstream prints these two even when they are empty.
  return { ...pruned, spec: { controllerManager: {}, scheduler: {}, ...printedSpec } };
}

function printableNetwork(network: ClusterConfig["spec"]["network"]): Record<string, unknown> {
  const { calico, kuberouter, nodeLocalLoadBalancing, controlPlaneLoadBalancing, ...rest } = network;
  const { envoyProxy, traefik, ...balancer } = nodeLocalLoadBalancing;
  const defaults = configDefaultsFor({ single: false, dataDir: "", publicAddress: "127.0.0.1" }).spec.network;
  const balanced = !isDeepStrictEqual(controlPlaneLoadBalancing, defaults.controlPlaneLoadBalancing);
  return {
    ...rest,
    calico: network.provider === "calico" ? calico : undefined,
    kuberouter: network.provider === "kuberouter" ? kuberouter : undefined,
    nodeLocalLoadBalancing: { ...balancer, ...(balancer.type === "Traefik" ? { traefik } : { envoyProxy }) },
    controlPlaneLoadBalancing: balanced ? controlPlaneLoadBalancing : undefined,
  };
}

/** Zero values that upstream leaves out; all other false and 0 are printed. */
const omittedZeros = new Set([
  "spec.api.onlyBindToAddress",
  "spec.network.kubeProxy.disabled",
  "spec.network.kuberouter.ipMasq",
  "spec.network.kuberouter.mtu",
]);

/** Members without content removed, at every depth outside of free-form values; undefined if nothing is left. */
function prune(
  mapping: Readonly<Record<string, unknown>>,
  path: readonly string[],
): Record<string, unknown> | undefined {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(mapping)) {
    const at = [...path, key];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    if ((value === false || value === 0) && omittedZeros.has(at.join("."))) continue;
    const printed = isMapping(value) ? prune(value, at) : value;
    if (printed !== undefined) kept[key] = printed;
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}

function asMapping(value: unknown): Record<string, unknown> {
  return isMapping(value) ? value : {};
}
