// What a worker is told by its cluster: the ConfigMap of its profile, read. Upstream: pkg/component/worker/config;
// reference §8.9. Writing it is src/components/worker-config/manifest.ts.

import { z } from "zod";
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
  konnectivity: z.object({ enabled: z.boolean(), agentPort: z.int() }),
  pauseImage: z.object({ image: z.string(), version: z.string() }),
  dualStackEnabled: z.boolean().default(false),
  primaryAddressFamily: z.enum(["IPv4", "IPv6"]).default("IPv4"),
  networkProvider: z.string().optional(),
  serviceCIDRs: z.array(z.string()).default([]),
  /** Upstream's controllers do not say it: there kube-proxy is a DaemonSet. */
  kubeProxyConfiguration: kubeProxySchema.optional(),
});

export type KubeProxySettings = z.infer<typeof kubeProxySchema>;
export type WorkerSettings = z.infer<typeof settingsSchema>;

/** Reads the data of the ConfigMap: each value is a JSON document. `source` names it in errors. */
export function parseWorkerSettings(data: Readonly<Record<string, string>>, source: string): WorkerSettings {
  const parsed = settingsSchema.safeParse(
    Object.fromEntries(Object.entries(data).map(([key, text]) => [key, parseJson(key, text, source)])),
  );
  if (parsed.success) return parsed.data;
  throw unreadable(source, z.prettifyError(parsed.error));
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
