// The argument list of kube-apiserver. Upstream: pkg/component/controller/apiserver.go.

import { join } from "node:path";
import type { ClusterFields } from "../../config/changing-fields.ts";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import { type ExternalEtcd, externalEtcdOf, featureGateFlags, serviceCidrs } from "../../config/derived.ts";
import { ownEncryptionFlag } from "../../config/security.ts";
import type { NodePaths } from "../../product/paths.ts";
import { kubeletServingFiles } from "../../pki/kubelet-serving-ca.ts";
import {
  appendToFlag,
  type FlagMap,
  mergeFlags,
  renderFlags,
  tlsCipherSuites,
  withDefaults,
} from "../../std/flags.ts";
import { UserError } from "../../std/errors.ts";
import { definedFlags, type FoundFiles, nothingFound, securityFlags } from "./security-flags.ts";

export interface KubeApiserverInput {
  readonly config: NodeConfig & ClusterFields<"featureGates">;
  readonly paths: NodePaths;
  /** klog level of `--logging kube-apiserver=N`. */
  readonly logLevel: string;
  readonly konnectivity: boolean;
  /** Whether k0s keeps Endpoints `default/kubernetes`, so that the API servers must not. */
  readonly foreignEndpoints: boolean;
  /** How long a stop may take, ms; the watch termination grace period follows from it. */
  readonly stopTimeoutMs: number;
  /** What a start has found on the disk; absent: nothing. */
  readonly found?: FoundFiles;
}

/** Of the tokens of service accounts. */
export const serviceAccountIssuer = "https://kubernetes.default.svc";

const defaults: FlagMap = {
  "allow-privileged": "true",
  "anonymous-auth": "false",
  "requestheader-extra-headers-prefix": "X-Remote-Extra-",
  "requestheader-group-headers": "X-Remote-Group",
  "requestheader-username-headers": "X-Remote-User",
  "tls-cipher-suites": tlsCipherSuites.join(","),
};

/** The complete, sorted argument list. */
export function kubeApiserverArgs(input: KubeApiserverInput): string[] {
  const { config, paths, konnectivity } = input;
  const api = config.spec.api;
  const pki = (name: string): string => join(paths.pkiDir, name);
  const audiences = [serviceAccountIssuer, ...(konnectivity ? ["system:konnectivity-server"] : [])];
  const generated: FlagMap = {
    "advertise-address": api.address,
    "authorization-mode": "Node,RBAC",
    "client-ca-file": pki("ca.crt"),
    "kubelet-certificate-authority": kubeletServingFiles(paths.pkiDir).bundle,
    "enable-bootstrap-token-auth": "true",
    "kubelet-client-certificate": pki("apiserver-kubelet-client.crt"),
    "kubelet-client-key": pki("apiserver-kubelet-client.key"),
    "kubelet-preferred-address-types": "InternalIP,ExternalIP,Hostname",
    "proxy-client-cert-file": pki("front-proxy-client.crt"),
    "proxy-client-key-file": pki("front-proxy-client.key"),
    "requestheader-allowed-names": "front-proxy-client",
    "requestheader-client-ca-file": pki("front-proxy-ca.crt"),
    "service-account-key-file": pki("sa.pub"),
    "service-account-signing-key-file": pki("sa.key"),
    "service-account-issuer": serviceAccountIssuer,
    "service-account-jwks-uri": `${serviceAccountIssuer}/openid/v1/jwks`,
    "api-audiences": audiences.join(","),
    "service-cluster-ip-range": serviceCidrs(config).join(","),
    "tls-min-version": "VersionTLS12",
    "tls-cert-file": pki("server.crt"),
    "tls-private-key-file": pki("server.key"),
    profiling: "false",
    "secure-port": String(api.port),
    "shutdown-watch-termination-grace-period": `${Math.max(1, Math.floor(input.stopTimeoutMs / 1000) - 2)}s`,
    v: input.logLevel,
    ...(api.onlyBindToAddress ? { "bind-address": api.address } : {}),
    ...(konnectivity ? throughTunnels(paths) : {}),
  };
  assertKeysStay(api.extraArgs, input.found ?? nothingFound);
  const security = securityFlags(config, paths, input.found ?? nothingFound);
  const merged = withDefaults(
    mergeFlags(definedFlags({ ...generated, ...security }), api.extraArgs),
    without(defaults, security),
  );
  // Even the user's value would make two of us write the same object.
  const endpoints: FlagMap = input.foreignEndpoints ? { "endpoint-reconciler-type": "none" } : {};
  const gated = appendToFlag(
    mergeFlags(merged, endpoints),
    "feature-gates",
    featureGateFlags(config, "kube-apiserver"),
  );
  return [...renderFlags(gated, api.rawArgs), ...renderFlags(storageFlags(config, paths))];
}

/** Another file would not have the keys with which Secrets are encrypted: nobody could read them any more. */
function assertKeysStay(extraArgs: FlagMap, { encrypts }: FoundFiles): void {
  if (!encrypts || extraArgs[ownEncryptionFlag] === undefined) return;
  throw new UserError(
    `spec.api.extraArgs.${ownEncryptionFlag} cannot be given while Secrets are encrypted by k0s: kube-apiserver could not read them`,
    {
      code: "encryption-keys",
      hint: "First set spec.security.secretsEncryption.enabled to false on all controllers, start them again, and wait until `k0s secrets status` says that nothing goes on.",
    },
  );
}

/** Defaults, but for flags that may not be given. */
function without(flags: FlagMap, unwanted: Readonly<Record<string, string | undefined>>): FlagMap {
  const kept = Object.entries(flags).filter(
    ([name]) => !(Object.hasOwn(unwanted, name) && unwanted[name] === undefined),
  );
  return Object.fromEntries(kept);
}

/**
 * Webhooks and aggregated servers are reached at the address of a ready pod. Through the Service's address a request would go
 * to the kube-proxy of whichever node has the tunnel, which may not know the Service yet.
 */
function throughTunnels(paths: NodePaths): FlagMap {
  return { "egress-selector-config-file": paths.egressSelectorConfig, "enable-aggregator-routing": "true" };
}

/** How kube-apiserver reaches the datastore; placed after the user's arguments, as upstream does. */
function storageFlags(config: NodeConfig, paths: NodePaths): FlagMap {
  if (config.spec.storage.type === "kine") return { "etcd-servers": `unix:${paths.kineSocket}` };
  const external = externalEtcdOf(config);
  if (external !== undefined) return externalStorageFlags(external);
  return {
    "etcd-servers": "https://127.0.0.1:2379",
    "etcd-cafile": join(paths.etcdPkiDir, "ca.crt"),
    "etcd-certfile": join(paths.pkiDir, "apiserver-etcd-client.crt"),
    "etcd-keyfile": join(paths.pkiDir, "apiserver-etcd-client.key"),
  };
}

function externalStorageFlags(external: ExternalEtcd): FlagMap {
  const { endpoints, etcdPrefix, caFile, clientCertFile, clientKeyFile } = external;
  return {
    "etcd-servers": endpoints.join(","),
    "etcd-prefix": etcdPrefix,
    ...(caFile === undefined ? {} : { "etcd-cafile": caFile }),
    ...(clientCertFile === undefined ? {} : { "etcd-certfile": clientCertFile }),
    ...(clientKeyFile === undefined ? {} : { "etcd-keyfile": clientKeyFile }),
  };
}

/**
 * Stop timeout in ms: the flag if given, else what open requests and watches may need, within 5 to 20 s.
 * Upstream: pkg/component/controller/apiserver.go (stop timeout).
 */
export function kubeApiserverStopTimeout(
  requestTimeoutMs: number | undefined,
  flagMs: number | undefined,
): number {
  if (flagMs !== undefined) return flagMs;
  const wanted = (requestTimeoutMs ?? 60_000) + 2_000;
  return Math.min(20_000, Math.max(5_000, wanted));
}
