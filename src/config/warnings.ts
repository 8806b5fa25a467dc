// Fields that upstream's files have, that mean nothing here and do no harm: they are taken, and it is told what is used instead.
// A field whose cluster would be another one than asked for is refused: unsupported.ts.

import type { YamlPath } from "../std/yaml-positions.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import { pathText } from "./problem.ts";
import { installConfigSchema } from "./schema/control-plane.ts";
import { only } from "./unsupported.ts";

export interface ConfigWarning {
  readonly path: YamlPath;
  /** Why the field has no effect, and what is used instead. */
  readonly message: string;
}

type Spec = ClusterConfig["spec"];

/** What the configuration says without effect. */
export function configWarnings({ spec }: ClusterConfig): ConfigWarning[] {
  const found = [...kubeRouter(spec), ...pullPolicies(spec), ...addressLabels(spec), ...otherUsers(spec)];
  return found.map(({ path, message }) => ({ path: ["spec", ...path], message }));
}

/** Those that the configuration before did not have. */
export function newWarnings(before: ClusterConfig, after: ClusterConfig): ConfigWarning[] {
  const told = new Set(configWarnings(before).map(warningText));
  return configWarnings(after).filter((warning) => !told.has(warningText(warning)));
}

export function warningText({ path, message }: ConfigWarning): string {
  return `${pathText(path)}: ${message}`;
}

/**
 * Upstream writes `mtu` into the CNI configuration only without `autoMTU`, and reads `hairpinMode` only where `hairpin` is
 * empty, which its default never leaves it. Upstream: pkg/component/controller/kuberouter.go.
 */
function kubeRouter({ network: { provider, kuberouter } }: Spec): ConfigWarning[] {
  if (provider !== "kuberouter") return [];
  const { autoMTU, mtu, hairpin, hairpinMode } = kuberouter;
  const hairpins = hairpin !== "Disabled";
  return [
    ...only(
      autoMTU && mtu !== 0,
      ["network", "kuberouter", "mtu"],
      `${mtu} is not used: with autoMTU kube-router finds the MTU out; for this one set autoMTU: false`,
    ),
    ...only(
      (hairpinMode ?? hairpins) !== hairpins,
      ["network", "kuberouter", "hairpinMode"],
      `${hairpinMode} is not used: hairpin has taken its place, and is ${hairpin}`,
    ),
  ];
}

/**
 * Upstream runs the balancer of a worker as a static pod with this policy; here it is part of k0s: docs/adr/0022.
 * Upstream: pkg/component/worker/nllb/reconciler.go.
 */
function pullPolicies({ network: { nodeLocalLoadBalancing: balancing } }: Spec): ConfigWarning[] {
  const kinds = ["envoyProxy", "traefik"] as const;
  return kinds.flatMap((kind) =>
    only(
      balancing.enabled && balancing[kind].imagePullPolicy !== undefined,
      ["network", "nodeLocalLoadBalancing", kind, "imagePullPolicy"],
      `${balancing[kind].imagePullPolicy} is not used: nothing is pulled, the load balancer is part of k0s`,
    ),
  );
}

/**
 * Upstream labels virtual IPv6 addresses with it, so that no connection begins at one; they are refused here, and an IPv4
 * address has no label in upstream either. Upstream: pkg/component/controller/cplb/cplb_linux.go.
 */
function addressLabels({ network: { controlPlaneLoadBalancing: balancing } }: Spec): ConfigWarning[] {
  if (!balancing.enabled) return [];
  return balancing.keepalived.vrrpInstances.flatMap(({ addressLabel }, index) =>
    only(
      addressLabel !== 10_000,
      ["network", "controlPlaneLoadBalancing", "keepalived", "vrrpInstances", index, "addressLabel"],
      `${addressLabel} is not used: k0s itself sets the address, without a label`,
    ),
  );
}

/**
 * The users of the control plane have fixed names: docs/adr/0021. Upstream makes and deletes users of these names, but its
 * processes run as the usual ones all the same. Upstream: pkg/install/users.go, pkg/component/controller/apiserver.go.
 */
function otherUsers({ installConfig: { users } }: Spec): ConfigWarning[] {
  const fixed = installConfigSchema().parse({}).users;
  return (Object.keys(fixed) as (keyof typeof fixed)[]).flatMap((name) =>
    only(
      users[name] !== fixed[name],
      ["installConfig", "users", name],
      `${JSON.stringify(users[name])} is not used: users of the control plane have fixed names, this one is ${fixed[name]}`,
    ),
  );
}
