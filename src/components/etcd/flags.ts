// The argument list of a managed etcd member. Upstream: pkg/component/controller/etcd.go.

import { join } from "node:path";
import type { NodeConfig } from "../../config/fixed-fields.ts";
import type { NodePaths } from "../../product/paths.ts";
import { joinHostPort } from "../../std/ip.ts";
import { type FlagMap, lastFlagValue, mergeFlags, renderFlags, tlsCipherSuites } from "../../std/flags.ts";

export interface EtcdInput {
  readonly config: NodeConfig;
  readonly paths: NodePaths;
  readonly memberName: string;
  readonly logLevel: string;
  /** Joining: every member with its peer URL, this one's too. */
  readonly join?: readonly string[];
}

/** Its own, unless it is given another. */
export function etcdMemberName({
  config,
  name,
}: {
  readonly config: NodeConfig;
  readonly name: string;
}): string {
  return config.spec.storage.etcd.extraArgs["name"] ?? name;
}

/** Larger than etcd's 2 GiB, which clusters with many objects outgrow; etcd's advice is not to go beyond this. */
const quotaBytes = 8 * 2 ** 30;

/** The complete, sorted argument list. */
export function etcdArgs(input: EtcdInput): string[] {
  const { config, paths } = input;
  const etcd = config.spec.storage.etcd;
  const pki = (name: string): string => join(paths.etcdPkiDir, name);
  const peerUrl = peerUrlOf(config);
  const generated: FlagMap = {
    "data-dir": paths.etcdDataDir,
    "listen-client-urls": "https://127.0.0.1:2379",
    "advertise-client-urls": "https://127.0.0.1:2379",
    "listen-peer-urls": peerUrl,
    "initial-advertise-peer-urls": peerUrl,
    // etcd wants its own peer URL in the initial cluster; upstream leaves it to etcd's default, which is only
    // right while the name is `default`.
    "initial-cluster": input.join?.join(",") ?? `${input.memberName}=${peerUrl}`,
    ...(input.join === undefined ? {} : { "initial-cluster-state": "existing" }),
    "quota-backend-bytes": String(quotaBytes),
    // kube-apiserver compacts every five minutes; this is for when none runs for long.
    "auto-compaction-mode": "periodic",
    "auto-compaction-retention": "1h",
    name: input.memberName,
    "client-cert-auth": "true",
    "peer-client-cert-auth": "true",
    "trusted-ca-file": pki("ca.crt"),
    "peer-trusted-ca-file": pki("ca.crt"),
    "cert-file": pki("server.crt"),
    "key-file": pki("server.key"),
    "peer-cert-file": pki("peer.crt"),
    "peer-key-file": pki("peer.key"),
    "tls-min-version": "TLS1.2",
    "auth-token": `jwt,pub-key=${pki("jwt.pub")},priv-key=${pki("jwt.key")},sign-method=RS512,ttl=10m`,
    "log-level": input.logLevel,
    "enable-pprof": "false",
  };
  const merged = mergeFlags(generated, etcd.extraArgs);
  // Cipher suites are a TLS 1.2 matter: etcd refuses to start when both are given.
  const ciphers: FlagMap =
    merged["tls-min-version"] === "TLS1.3" ? {} : { "cipher-suites": tlsCipherSuites.join(",") };
  return renderFlags(mergeFlags(ciphers, merged), etcd.rawArgs);
}

/** Where the other members reach this one: what etcd is started with. */
export function etcdPeerUrls(config: NodeConfig): readonly string[] {
  return givenUrls(config, "initial-advertise-peer-urls") ?? [peerUrlOf(config)];
}

/** Where it listens for them. */
export function etcdListenUrl(config: NodeConfig): string {
  return givenUrls(config, "listen-peer-urls")?.[0] ?? peerUrlOf(config);
}

/** By the user, in the order in which etcd looks: `rawArgs` come last. */
function givenUrls(config: NodeConfig, flag: string): readonly string[] | undefined {
  const { extraArgs, rawArgs } = config.spec.storage.etcd;
  const given = lastFlagValue(rawArgs, flag) ?? extraArgs[flag];
  return given?.split(",").map((url) => url.trim());
}

function peerUrlOf(config: NodeConfig): string {
  return `https://${joinHostPort(config.spec.storage.etcd.peerAddress, 2380)}`;
}
