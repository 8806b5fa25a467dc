// The argument list of kube-controller-manager. Upstream: pkg/component/controller/controllermanager.go.

import { join } from "node:path";
import type { ClusterFields } from "../../config/changing-fields.ts";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import { featureGateFlags, nodeCidrMasks, podCidrs, serviceCidrs } from "../../config/derived.ts";
import type { NodePaths } from "../../product/paths.ts";
import { kubeletServingFiles } from "../../pki/kubelet-serving-ca.ts";
import { cidrFamily } from "../../std/cidr.ts";
import { appendToFlag, type FlagMap, mergeFlags, renderFlags, withDefaults } from "../../std/flags.ts";

export interface KubeControllerManagerInput {
  readonly config: NodeConfig & ClusterFields<"controllerManager" | "featureGates">;
  readonly paths: NodePaths;
  readonly logLevel: string;
  /** `--kube-controller-manager-extra-args`, parsed. */
  readonly cliExtraArgs: FlagMap;
  /** No other controller can ever exist: no leader election. */
  readonly singleController: boolean;
}

const defaults: FlagMap = {
  "allocate-node-cidrs": "true",
  "bind-address": "127.0.0.1",
  "cluster-name": "k0s",
  controllers: "*,bootstrapsigner,tokencleaner",
  "leader-elect": "true",
  "use-service-account-credentials": "true",
  // Upstream's defaults (20/30) hold back the service accounts that every controller makes for itself at
  // first start: 6.5 s until `default` exists, 1.0 s with these.
  "kube-api-qps": "200",
  "kube-api-burst": "400",
};

/** The same as kubelet's. */
export const flexVolumeDir = "/usr/libexec/k0s/kubelet-plugins/volume/exec";

/** The complete, sorted argument list. */
export function kubeControllerManagerArgs(input: KubeControllerManagerInput): string[] {
  const { config, paths } = input;
  const ccm = join(paths.pkiDir, "ccm.conf");
  const ca = join(paths.pkiDir, "ca.crt");
  const base: FlagMap = {
    kubeconfig: ccm,
    "authentication-kubeconfig": ccm,
    "authorization-kubeconfig": ccm,
    "client-ca-file": ca,
    "root-ca-file": ca,
    "requestheader-client-ca-file": join(paths.pkiDir, "front-proxy-ca.crt"),
    "service-account-private-key-file": join(paths.pkiDir, "sa.key"),
    "cluster-cidr": podCidrs(config).join(","),
    "service-cluster-ip-range": serviceCidrs(config).join(","),
    profiling: "false",
    "flex-volume-plugin-dir": flexVolumeDir,
    "terminated-pod-gc-threshold": "12500",
    v: input.logLevel,
  };
  const merged = mergeFlags(
    base,
    input.cliExtraArgs,
    nodeMasks(config),
    config.spec.controllerManager.extraArgs,
  );
  const complete = withDefaults(withSigners(merged, paths), defaults);
  const elected = input.singleController ? mergeFlags(complete, { "leader-elect": "false" }) : complete;
  const gated = appendToFlag(elected, "feature-gates", featureGateFlags(config, "kube-controller-manager"));
  return renderFlags(gated, config.spec.controllerManager.rawArgs);
}

/**
 * Who signs what. Kubelets' serving certificates have an authority of their own, all else has the cluster's CA, or the one that
 * the user names for everything. Nobody signs for `kubernetes.io/legacy-unknown`, which the API does not accept any more.
 */
function withSigners(flags: FlagMap, paths: NodePaths): FlagMap {
  const common = withDefaults(flags, {
    "cluster-signing-cert-file": join(paths.pkiDir, "ca.crt"),
    "cluster-signing-key-file": join(paths.pkiDir, "ca.key"),
  });
  // kube-controller-manager does not take these two together with those of single signers.
  const { "cluster-signing-cert-file": cert = "", "cluster-signing-key-file": key = "", ...others } = common;
  const serving = kubeletServingFiles(paths.pkiDir);
  return withDefaults(others, {
    "cluster-signing-kubelet-serving-cert-file": serving.certificate,
    "cluster-signing-kubelet-serving-key-file": serving.key,
    "cluster-signing-kubelet-client-cert-file": cert,
    "cluster-signing-kubelet-client-key-file": key,
    "cluster-signing-kube-apiserver-client-cert-file": cert,
    "cluster-signing-kube-apiserver-client-key-file": key,
  });
}

/** How much of each pod network a node gets. */
function nodeMasks(config: NodeConfig): FlagMap {
  const { v4, v6 } = nodeCidrMasks;
  if (config.spec.network.dualStack.enabled)
    return { "node-cidr-mask-size-ipv4": String(v4), "node-cidr-mask-size-ipv6": String(v6) };
  return { "node-cidr-mask-size": String(cidrFamily(config.spec.network.podCIDR) === 4 ? v4 : v6) };
}
