// What a worker is told by its cluster, in the ConfigMap of its profile: the contract of those who publish it and those who follow
// it, which may be of different releases. Upstream: pkg/component/worker/config/config.go.

import * as z from "zod";
import { UserError } from "../../std/errors.ts";

const fields = z.looseObject({});
const stringMap = z.record(z.string(), z.string());
const balancedPort = z.object({ apiServerBindPort: z.int(), konnectivityServerBindPort: z.int() });

const kubeProxySchema = z.object({
  disabled: z.boolean().default(false),
  mode: z.string().optional(),
  metricsBindAddress: z.string(),
  healthzBindAddress: z.string(),
  iptables: fields.default({}),
  ipvs: fields.default({}),
  nftables: fields.default({}),
  nodePortAddresses: z.array(z.string()).default([]),
  extraArgs: stringMap.default({}),
  rawArgs: z.array(z.string()).default([]),
  clusterCIDR: z.string(),
  featureGates: z.record(z.string(), z.boolean()).default({}),
});

const settingsSchema = z.object({
  apiServerAddresses: z.array(z.string()).default([]),
  kubeletConfiguration: fields,
  nodeLocalLoadBalancing: z
    .object({
      enabled: z.boolean(),
      type: z.enum(["EnvoyProxy", "Traefik"]).default("EnvoyProxy"),
      envoyProxy: balancedPort.optional(),
      traefik: balancedPort.optional(),
    })
    .optional(),
  /** Upstream's controllers leave out what is false. */
  konnectivity: z.object({ enabled: z.boolean().default(false), agentPort: z.int() }),
  pauseImage: z.object({ image: z.string(), version: z.string() }),
  dualStackEnabled: z.boolean().default(false),
  /** Of no use to a worker of this release; upstream's ask for it. */
  autopilotDisabled: z.boolean().optional(),
  primaryAddressFamily: z.enum(["IPv4", "IPv6"]).default("IPv4"),
  /** Ours: which images a worker needs first. */
  networkProvider: z.string().optional(),
  /** Ours: modules of the kernel without which its network is not the one that was asked for. */
  kernelModules: z.array(z.string()).default([]),
  /** Ours: what it needs routes to. */
  serviceCIDRs: z.array(z.string()).default([]),
  /** Ours: kube-proxy is a process of the worker (docs/adr/0010). Upstream's controllers run it as a DaemonSet, and do not say it. */
  kubeProxyConfiguration: kubeProxySchema.optional(),
});

/** As a controller writes them. */
export type PublishedSettings = z.input<typeof settingsSchema>;
/** As a worker has them: complete. */
export type WorkerSettings = z.output<typeof settingsSchema>;
export type KubeProxySettings = z.output<typeof kubeProxySchema>;

/** The data of the ConfigMap: each value is a JSON document. Fields that are undefined are left out. */
export function writeWorkerSettings(settings: PublishedSettings): Record<string, string> {
  const present = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([key, value]) => [key, JSON.stringify(value)]));
}

/**
 * Reads the data of the ConfigMap; what newer controllers say beyond that is passed over. `source` names it in the UserError, which
 * has the path of each field that is wrong.
 */
export function parseWorkerSettings(data: Readonly<Record<string, string>>, source: string): WorkerSettings {
  const known = Object.entries(data).filter(([key]) => key in settingsSchema.shape);
  const parsed = settingsSchema.safeParse(
    Object.fromEntries(known.map(([key, text]) => [key, parseJson(key, text, source)])),
  );
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${z.core.toDotPath(path)}: ${message}`);
  throw unreadable(source, wrong.join("; "));
}

export function pauseImageOf({ pauseImage }: WorkerSettings): string {
  return `${pauseImage.image}:${pauseImage.version}`;
}

function parseJson(key: string, text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (err) {
    throw unreadable(source, `${key} is not JSON`, err);
  }
}

function unreadable(source: string, why: string, cause?: unknown): UserError {
  return new UserError(`${source} cannot be read: ${why}`, {
    code: "bad-worker-config",
    hint: "It is written by the controllers: have they the same k0s version as this worker?",
    ...(cause === undefined ? {} : { cause }),
  });
}
