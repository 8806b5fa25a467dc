// What joining controllers and the join API say to each other. Upstream's paths and fields are kept
// bit for bit; beyond them are fields and paths that upstream does not know and passes over. Upstream: cmd/api/api.go,
// pkg/apis/k0s/v1beta1/controltypes.go.

import * as z from "zod";

export const joinPaths = {
  ca: "/v1beta1/ca",
  members: "/v1beta1/etcd/members",
  /** Ours: tells before anything changes whether this controller fits. */
  check: "/v1beta1/k0s/join-check",
} as const;

/** Ours: why a token was turned away, said only to those who know its secret. */
export const reasonHeader = "x-k0s-reason";

const file = z.string().nullish();

/**
 * Files in base64. `kubeletCa`, with which kubelets' servers are verified, and `encryption`, which says in which order the keys of
 * Secrets are used, are ours: there is nothing secret in them.
 */
export const caReply = z.object({
  key: file,
  cert: file,
  saKey: file,
  saPub: file,
  kubeletCa: file,
  encryption: file,
});
export type CaReply = z.infer<typeof caReply>;

export const memberRequest = z.object({ node: z.string().min(1), peerAddress: z.string().min(1) });
export const withdrawRequest = z.object({ peerAddress: z.string().min(1) });
export const admissionReply = z.object({ ca: caReply, initialCluster: z.array(z.string()) });
export const membersReply = z.object({
  members: z.array(z.object({ name: z.string(), peerAddress: z.string(), learner: z.boolean() })),
});

/** What must agree between controllers of one cluster. */
export const clusterFacts = z.object({
  podCIDR: z.string(),
  serviceCIDR: z.string(),
  clusterDomain: z.string(),
  networkProvider: z.string(),
  storage: z.string(),
});
export type ClusterFacts = z.infer<typeof clusterFacts>;

export const checkRequest = z.object({
  name: z.string(),
  version: z.string(),
  apiAddress: z.string(),
  cluster: clusterFacts,
});
export type CheckRequest = z.infer<typeof checkRequest>;

/** To a controller that fits: the cluster whose datastore it must find in its own configuration. Older ones do not tell. */
export const checkReply = z.object({ clusterUid: z.string().optional() });

/** With status 409 (never) or 503 (not now). */
export const refusalReply = z.object({ code: z.string(), message: z.string(), hint: z.string() });
export type Refusal = z.infer<typeof refusalReply>;
