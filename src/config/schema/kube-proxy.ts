// spec.network.kubeProxy. Without a mode each node takes nftables if its kernel has it, else iptables. Reference §2.5.

import { z } from "zod";
import { cidr, duration, extraArgs, hostPort, rawArgs, section } from "./fields.ts";
import { patchesSchema } from "./patches.ts";

const zeroDuration = () => duration().default("0s");
const masqueradeBit = () => z.int().min(0).max(31).optional();

export const kubeProxySchema = () =>
  section({
    disabled: z.boolean().default(false).describe("For networks that route services themselves."),
    mode: z
      .enum(["iptables", "ipvs", "userspace", "nftables"])
      .optional()
      .describe("Without it each node takes nftables if its kernel has it, else iptables."),
    metricsBindAddress: hostPort().default("0.0.0.0:10249"),
    healthzBindAddress: hostPort().default("0.0.0.0:10256"),
    iptables: section({
      masqueradeBit: masqueradeBit(),
      masqueradeAll: z.boolean().optional(),
      localhostNodePorts: z.boolean().optional(),
      syncPeriod: zeroDuration(),
      minSyncPeriod: zeroDuration(),
    }),
    ipvs: section({
      syncPeriod: zeroDuration(),
      minSyncPeriod: zeroDuration(),
      scheduler: z.string().optional(),
      excludeCIDRs: z.array(cidr()).optional(),
      strictARP: z.boolean().optional(),
      tcpTimeout: zeroDuration(),
      tcpFinTimeout: zeroDuration(),
      udpTimeout: zeroDuration(),
    }),
    nftables: section({
      masqueradeBit: masqueradeBit(),
      masqueradeAll: z.boolean().optional(),
      syncPeriod: zeroDuration(),
      minSyncPeriod: zeroDuration(),
    }),
    nodePortAddresses: z
      .array(z.string())
      .default([])
      .describe("Networks on which NodePorts answer, or `primary`."),
    extraArgs: extraArgs(),
    rawArgs: rawArgs(),
    patches: patchesSchema(),
  });
